import { type RefundStatus, refundStatuses } from '../../connectors/connector.ts'

export type Versioned = { modifiedAt: Date; version: string; status: RefundStatus }

/**
 * Compares two versions: negative if `one` is older. Compares modified time, then version (more digits are greater), then the refund's
 * progress. Platform times are in seconds, and two versions of one second must end in the same result in any sequence.
 */
export function compareVersions(one: Versioned, other: Versioned): number {
  const byTime = one.modifiedAt.getTime() - other.modifiedAt.getTime()
  if (byTime !== 0) return byTime
  if (one.version !== other.version) {
    return one.version.length - other.version.length || (one.version < other.version ? -1 : 1)
  }
  return refundStatuses.indexOf(one.status) - refundStatuses.indexOf(other.status)
}
