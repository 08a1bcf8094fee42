import { codeOf } from '../../lib/safe-error.ts'

// PostgreSQL stops or starts, lacks connections or memory (53, 58), or rolled back this transaction because of another (40, 55P03, 25P03,
// 25P04); or the network connection is lost.
const codes =
  /^(57P0[1-5]|25P0[34]|55P03|(08|40|53|58)\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/

/** Errors of `pg` about a lost connection have no code. */
const cutOff =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** True for an error after which the same request may succeed in a moment, or at another server. */
export function isUnreachable(error: unknown): boolean {
  return codes.test(codeOf(error)) || (error instanceof Error && cutOff.test(error.message))
}
