import { PlatformError } from '../lib/platform-error.ts'
import type { GivenWaybill } from './carrier.ts'

/**
 * A source has given a number and refuses its label. It is unclear, because a request that is repeated finds the number and may get the label;
 * the caller ends it after a few, and gives the number back.
 */
export class LabelRefused extends PlatformError {
  readonly given: Omit<GivenWaybill, 'courier'>

  constructor(cause: PlatformError, given: Omit<GivenWaybill, 'courier'>) {
    super('rejected', cause.code, cause.message, { unclear: true, requestId: cause.requestId, cause })
    this.given = given
  }
}
