import { Widget } from '@lumino/widgets';
import React, { useLayoutEffect, useRef } from 'react';

interface IMountedProps {
  /** Make the widget anew whenever this function is another one. */
  make: () => Widget;
  className?: string;
}

/** One of JupyterLab's own widgets inside of React's world. */
export function Mounted({ make, className }: IMountedProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  // Its end comes before React takes the host out of the page, as Lumino wants it.
  useLayoutEffect(() => {
    const node = host.current;
    if (node === null) {
      return;
    }
    const widget = make();
    Widget.attach(widget, node);
    return () => widget.dispose();
  }, [make]);
  return <div ref={host} className={className} />;
}
