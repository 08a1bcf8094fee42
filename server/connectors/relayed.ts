import type { HttpAnswer } from '../wire/http.ts'
import type { Call } from './connector.ts'
import type { PersonalPart } from './personal-parts.ts'

/** A request of a platform before it is signed. */
export type UnsignedRequest = {
  /** The platform's name of the method. */
  method: string
  params: Readonly<Record<string, string>>
  /** A picture that is sent beside the parameters. */
  file?: { field: string; bytes: Uint8Array; type: string }
}

/** Signs a request with the call's credentials and sends it, or has a relay do so. @throws {PlatformError} for every failure. */
export type Send = (call: Call, request: UnsignedRequest) => Promise<HttpAnswer>

/** What a relay needs of a connector. */
export type RelayedSource = {
  send: Send
  /** The fields of answers and messages, by the platform's names, with these facts of people. */
  personal: Readonly<Record<PersonalPart, readonly string[]>>
}
