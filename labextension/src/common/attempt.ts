/** Work that a click began: a failure is told, never thrown. */
import { Notification } from '@jupyterlab/apputils';

import { ApiError } from '../api/client';

const PATIENCE = 12_000; // milliseconds that an error stays

/** Do it; returns whether the server did not refuse. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    Notification.error(error.message, { autoClose: PATIENCE });
    return false;
  }
}
