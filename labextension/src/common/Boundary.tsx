import React from 'react';

import { ErrorState } from './ErrorState';

interface IBoundaryState {
  message: string | null;
}

/** What cannot be drawn says so, and takes nothing else along. */
export class Boundary extends React.Component<React.PropsWithChildren, IBoundaryState> {
  override state: IBoundaryState = { message: null };

  static getDerivedStateFromError(error: unknown): IBoundaryState {
    return { message: String(error) };
  }

  override render(): React.ReactNode {
    const { message } = this.state;
    if (message === null) {
      return this.props.children;
    }
    return <ErrorState message={message} retry={() => this.setState({ message: null })} />;
  }
}
