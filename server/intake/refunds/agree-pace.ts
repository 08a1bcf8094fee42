import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import type { Row } from '../../core/db/rows.ts'
import type { SendGuard } from '../../core/outbox/handlers.ts'
import { unnestRows } from '../../lib/unnest.ts'

/** The code of `troubleWords` with which an agreement waits. */
const spaced = 'refund_spaced'

const gaps = connectors.flatMap(({ id, limits: { refundGapMs } }) =>
  refundGapMs ? [{ id, refundGapMs }] : [],
)

/**
 * Lets an agreement wait while another refund of its trade was paid just before, on platforms that ask for a pause (`refundGapMs`). The first of two that are
 * claimed together goes.
 */
export const agreePace: SendGuard = {
  doubt: async () => new Set(),
  withhold: async () => new Set(),
  async waits(db, actions) {
    if (gaps.length === 0) return new Map()
    const ids = actions.map(({ id }) => id)
    const found = await sql<Row<'platform_action', 'id'>>`
      select a.id from platform_action a
      join staged_refund r on r.id = a.subject_id::bigint join shop s on s.id = a.shop_id
      join ${unnestRows('gap', gaps, [
        ['platform', 'text', ({ id }) => id],
        ['ms', 'int4', ({ refundGapMs }) => refundGapMs],
      ])} on gap.platform = s.platform
      where a.id = any(${ids}::bigint[]) and exists (
        select from staged_refund other
        join platform_action o on o.subject_type = a.subject_type and o.subject_id = other.id::text and o.kind = a.kind
        where other.shop_id = r.shop_id and other.tid = r.tid and other.id <> r.id
          and o.state in ('sending', 'unknown', 'succeeded') and (o.sent_at, o.id) < (a.sent_at, a.id)
          and o.sent_at > now() - gap.ms * interval '1 millisecond')`.execute(db)
    return new Map(found.rows.map(({ id }) => [id, spaced]))
  },
}
