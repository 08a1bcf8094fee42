import type { RefundStatus } from '../connector.ts'

/** `status` of a return. One that was declined is over: the buyer asks for another one. */
export const returnStatuses: Readonly<Record<string, RefundStatus>> = {
  REQUESTED: 'applied',
  OPEN: 'agreed',
  CLOSED: 'closed',
  DECLINED: 'refused',
  CANCELED: 'closed',
}

/** `declineReason`, which the seller chooses from. */
export const declineReasons: Readonly<Record<string, string>> = {
  RETURN_PERIOD_ENDED: '退货期已过',
  FINAL_SALE: '最终销售，不退',
  OTHER: '其他',
}
