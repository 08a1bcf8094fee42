import { minuteMs, secondMs } from '../../lib/time.ts'
import type { Refund } from '../connector.ts'
import type { CourierNames } from '../couriers.ts'

// The platform closed at the end of 2015, so nothing here can be compared with an answer of it. Each value is a careful guess from what its
// clients and their comments say.

/** How late a list may show a change. */
export const listLagMs = minuteMs

/** How long a call waits after 12291. The figures of the limits are not known. */
export const limitedMs = secondMs

/** The last row that the pages of a window reach. */
export const rowsMax = 10_000

/** The days that a parcel takes, of those that arriveDays may be. Clients of the platform sent this one. */
export const arriveDays = '7'

/** Names of couriers that no client of the platform shows. The name is what the buyer reads. */
export const guessedCouriers: CourierNames = { HTKY: '汇通快运', UC: '优速快递', DBKD: '德邦物流' }

/** What the text of a refusal says. Only the state of a deal is known from a client; the codes of all of them are not. */
export const refusals = {
  noDeal: /(订单|交易)不存在/,
  state: /状态处于\[/,
  waybill: /(物流|快递|运)单号|logisticsCode/,
  courier: /(物流|快递)公司|logisticsName/,
  noItem: /商品不存在/,
  noSku: /库存不存在|skuId不存在/,
} as const

/** Words of refundState for a line without a refund. The clients show only empty ones. */
export const noRefundWords: readonly string[] = ['', '0', 'DS_UNKNOWN']

/**
 * dealPayFeeTotal is the whole payment, with tickets and points; totalCash is the part that the buyer pays in money. The rest comes from the
 * platform.
 */
export function cashOf(total: number, cash: number | null): number {
  return cash !== null && cash > 0 && cash < total ? cash : total
}

/** refundItemState: 2 and 3 are 0 and 1 with the freight. */
export const goodsStates: Readonly<Record<string, Refund['goodsReceived']>> = {
  0: 'not_received',
  1: 'received',
  2: 'not_received',
  3: 'received',
}
