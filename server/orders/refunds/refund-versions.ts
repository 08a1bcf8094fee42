import { type RefundStatus, refundStatuses } from '../../connectors/connector.ts'

export type Versioned = { modifiedAt: Date; version: string; status: RefundStatus }

/**
 * Negative: `one` is older. By the platform's modified time, then by its version (longer digits are greater), then by how
 * far along the refund is: platforms count in seconds, and two states of one second must end the same way everywhere.
 */
export function compareVersions(one: Versioned, other: Versioned): number {
  const byTime = one.modifiedAt.getTime() - other.modifiedAt.getTime()
  if (byTime !== 0) return byTime
  if (one.version !== other.version) {
    return one.version.length - other.version.length || (one.version < other.version ? -1 : 1)
  }
  return refundStatuses.indexOf(one.status) - refundStatuses.indexOf(other.status)
}
