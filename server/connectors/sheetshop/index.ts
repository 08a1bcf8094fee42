import type { LocalizedText } from '../../lib/localized-text.ts'
import { dayMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import type { ListLimits } from '../lists.ts'
import { read, schemas } from '../posted/door.ts'
import * as refunds from '../posted/refunds.ts'
import { statusWords } from '../posted/statuses.ts'
import * as trades from '../posted/trades.ts'
import { channelOf, credentials } from './credentials.ts'
import { carriers, ship, shipped } from './ship.ts'

/** A document is in our own table within the transaction of its import, which is far shorter than the lag. */
const lists: ListLimits = {
  ...{ windowMs: 31 * dayMs, advisedWindowMs: 7 * dayMs },
  ...{ lagMs: 10 * secondMs, overlapMs: minuteMs, pageSize: 200, rowsMax: 1_000_000 },
}

const there = (zh: string, en: string): LocalizedText => ({
  zh: `表格店铺没有接口，${zh}`,
  en: `A spreadsheet shop has no interface: ${en}`,
})

/** The connector of 表格店铺: a channel without an interface, of which a clerk uploads the orders as a sheet and takes the parcels as one. */
export const sheetshop: Connector = {
  id: 'sheetshop',
  name: { zh: '表格店铺', en: 'Spreadsheet shop' },
  variants: [{ id: 'sheetshop', zh: '表格店铺', en: 'Spreadsheet shop' }],
  credentials,
  // All calls read our own tables.
  limits: { requestsPerSecond: 100, concurrentRequests: 4 },
  verify,
  push: { appKey: channelOf, documents: true },
  posted: { by: 'sheet', schemas, read },
  trades: {
    path: 'direct',
    changed: { paging: 'numbered', ...lists, page: trades.listChanged },
    detail: trades.tradeDetail,
    statusWords,
  },
  refunds: {
    changed: { paging: 'numbered', ...lists, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: true,
    asking: { trade: refunds.askRefunds },
  },
  actions: { ship, shipped },
  shipping: { byLine: true, oneWaybill: false, carriers },
  hasNoFlags: true,
  cannot: {
    refuseRefund: there('到渠道那边拒绝退款', 'refuse the refund in the channel itself'),
    agreeRefund: there(
      '到渠道那边同意退款，再导入写着「已退款」的表格',
      'agree to the refund in the channel itself, then import a sheet that says so',
    ),
    reportCancel: there('取消发货在渠道那边说', 'tell the channel yourself that an order was stopped'),
    changeWaybill: there('改运单到渠道那边改', 'change the waybill in the channel itself'),
    updateMemo: there('备注写不回去，请用内部备注', 'no note can be written there; use the internal note'),
    updateStock: there('库存同步不过去', 'stock cannot be set there'),
    reportReturn: there('退货收到后到渠道那边退款', 'give the money back in the channel itself'),
    listings: there('商品随表格出现', 'goods appear with the sheets'),
    receivers: there('收件人是明文，不用问', 'receivers are not masked, so there is nothing to ask'),
    trace: there('没有物流轨迹', 'it shows no scans of parcels'),
  },
}

/** Nothing is asked: the channel that was typed is the number of the shop. */
async function verify({ credentials: stored }: Call): Promise<ShopIdentity> {
  const channel = channelOf(stored)
  return { platformShopId: channel, name: channel, nick: channel }
}
