import Type, { type Static } from 'typebox'
import { nullable } from '../core/http/http-contract.ts'
import { oneOf, time } from '../core/lists/list-contract.ts'

const words = Type.Object({ zh: Type.String(), en: Type.String() })

export const alarmKinds = [
  'auth_expired',
  'refunded_unheld',
  'refund_let_through',
  'refund_flood',
  'refund_held_due',
  'worker_silent',
  'clock_skew',
  'actions_failed',
  'actions_unclear',
  'stock_failed',
  'lock_not_in_force',
  'stream_behind',
  'push_silent',
  'relay_silent',
  'watchdog_silent',
  'task_failing',
  'refunds_due',
  'ship_by_passed',
  'ship_by_near',
  'write_back_late',
  'parcels_to_stop',
  'parcels_unasked',
  'waybills_surplus',
  'label_gone',
  'parcels_uncollected',
  'parcels_stuck',
  'parcels_problem',
  'parcels_returning',
  'returns_due',
  'returns_late',
  'details_failing',
  'parked_items',
  'reveals_many',
  'disk_low',
  'backup_late',
  'being_read',
  'webhook_failing',
] as const

export const alarm = Type.Object({
  /** The id is the same as long as the cause lasts. */
  id: Type.String(),
  kind: oneOf(alarmKinds),
  tone: oneOf(['bad', 'warn']),
  since: nullable(time),
  title: words,
  detail: words,
  shopId: nullable(Type.String()),
  count: Type.Integer(),
  capped: Type.Boolean(),
  amountFen: nullable(Type.Integer()),
  /** Ids of the documents concerned, at most 200. The remedy applies to them. */
  ids: Type.Array(Type.String()),
  /** The code of the remedy. `act`: the label of its button; `to`: the page on which it is done. */
  remedy: oneOf([
    'authorise',
    'hold_orders',
    'answer_refunds',
    'settle_actions',
    'see_runs',
    'see_shop',
    'see_orders',
    'see_deliveries',
    'stop_parcels',
    'see_waybill_accounts',
    'see_returns',
    'see_fetching',
    'retry_parked',
    'start_worker',
    'start_watchdog',
    'see_audit',
    'free_space',
    'see_webhooks',
    'see_stock_documents',
  ]),
  act: words,
  to: Type.String(),
})
export type Alarm = Static<typeof alarm>

export const alarmsAnswer = Type.Object({ rows: Type.Array(alarm) })
export const alarmSum = Type.Object({ count: Type.Integer(), worst: nullable(oneOf(['bad', 'warn'])) })
