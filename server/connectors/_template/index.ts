import { dayMs, minuteMs } from '../../lib/time.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import type { ListLimits } from '../lists.ts'
import { credentials } from './credentials.ts'
import { notWritten } from './not-written.ts'
import * as refunds from './refunds.ts'
import * as trades from './trades.ts'

// Take each figure from the platform's documents and name the source. These values are careful guesses.
const listLimits: ListLimits = {
  windowMs: dayMs,
  advisedWindowMs: 30 * minuteMs,
  lagMs: minuteMs,
  overlapMs: minuteMs,
  pageSize: 50,
  rowsMax: 5000,
}

/** The connector of a marketplace. A missing action has its reason in `cannot`; once it is written, move it to `actions`. */
export const template: Connector = {
  id: 'template',
  name: { zh: '新平台', en: 'New platform' },
  variants: [{ id: 'template', zh: '新平台', en: 'New platform' }],
  credentials,
  limits: { requestsPerSecond: 5, concurrentRequests: 4 },
  verify,
  trades: {
    path: 'two_stage',
    changed: { paging: 'numbered', ...listLimits, page: trades.listChanged },
    detail: trades.tradeDetail,
    statusWords: trades.statusWords,
  },
  refunds: {
    changed: { paging: 'numbered', ...listLimits, page: refunds.listChanged },
    detail: refunds.refundDetail,
    needsDetail: true,
  },
  actions: {},
  cannot: {
    refuseRefund: notYet('拒绝退款', 'refuse a refund'),
    agreeRefund: notYet('同意退款', 'agree to a refund'),
    reportCancel: notYet('回告取消发货', 'report a stopped order'),
    changeWaybill: notYet('改运单', 'change a waybill'),
    updateMemo: notYet('修改备注', 'change a memo'),
    ship: notYet('发货回写', 'report a shipment'),
    updateStock: notYet('更新库存', 'set stock'),
    listings: notYet('读取商品列表', 'list the goods of the shop'),
    receivers: notYet('比较收件人', 'compare masked receivers'),
    trace: notYet('查询物流轨迹', 'follow parcels'),
    reportReturn: notYet('回告收货', 'report returned goods'),
  },
}

function notYet(zh: string, en: string): { zh: string; en: string } {
  return { zh: `这个平台的「${zh}」还没有接入`, en: `This connector cannot ${en} yet` }
}

async function verify(_call: Call): Promise<ShopIdentity> {
  return notWritten('index.ts', 'verify answers the number, name and nick of the shop')
}
