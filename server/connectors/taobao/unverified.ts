import type { PlatformError } from '../../lib/platform-error.ts'
import type { ChangeFailure } from '../parcels.ts'
import { shipFailureOf } from './errors.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/**
 * The error codes of taobao.logistics.consign.resend are not documented. Those of the other shipping methods end in the same letters and
 * digits; the trade, which is requested after each rejection, decides the rest.
 */
export const changeFailureOf = (error: PlatformError): ChangeFailure | undefined => shipFailureOf(error)
