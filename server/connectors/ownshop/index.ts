import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs, minuteMs, secondMs } from '../../lib/time.ts'
import type { Call, Connector, ShopIdentity } from '../connector.ts'
import { longest, textAt } from '../fields.ts'
import type { ListLimits } from '../lists.ts'
import { read, schemas } from '../posted/door.ts'
import * as refunds from '../posted/refunds.ts'
import { statusWords } from '../posted/statuses.ts'
import * as trades from '../posted/trades.ts'
import { agreeRefund, refuseRefund, reportCancel, reportReturn, updateMemo, updateStock } from './actions.ts'
import { sendEvent } from './client.ts'
import { credentials, mallOf, placeOf } from './credentials.ts'
import { carriers, ship, shipped } from './ship.ts'

/** A document is in our own table within the transaction that takes it, which is far shorter than the lag. */
const lists: ListLimits = {
  ...{ windowMs: 31 * dayMs, advisedWindowMs: 7 * dayMs },
  ...{ lagMs: 10 * secondMs, overlapMs: minuteMs, pageSize: 200, rowsMax: 1_000_000 },
}

/** The connector of 自有商城: a mall that the merchant built. It posts its trades and refunds to our API, and gets signed events. */
export const ownshop: Connector = {
  id: 'ownshop',
  name: { zh: '自有商城', en: 'Own shop' },
  variants: [{ id: 'ownshop', zh: '自有商城', en: 'Own shop' }],
  credentials,
  // The mall is a machine of the merchant, which has visitors too.
  limits: { requestsPerSecond: 10, concurrentRequests: 4 },
  verify,
  push: { appKey: (stored) => placeOf(mallOf(stored).webhookUrl), documents: true },
  posted: { by: 'door', schemas, read },
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
  actions: {
    ...{ refuseRefund, agreeRefund, updateMemo, ship, shipped, updateStock },
    ...{ reportReturn, reportCancel },
  },
  agreesToReturns: true,
  shipping: { byLine: true, oneWaybill: false, carriers },
  cannot: {
    changeWaybill: {
      zh: '自有商城没有改运单的通知，请告诉商城',
      en: 'An own shop is sent no news of it; tell the shop',
    },
    listings: {
      zh: '自有商城没有商品列表接口，商品随订单出现',
      en: 'An own shop has no list of goods; goods appear with orders',
    },
    receivers: {
      zh: '自有商城的收件人是明文，不用问平台',
      en: 'Receivers of an own shop are not masked, so there is nothing to ask',
    },
    trace: {
      zh: '自有商城不提供物流轨迹',
      en: 'An own shop shows no scans of parcels',
    },
  },
}

/** Sends a `ping`. The address is the number of the shop; the mall may answer its name. */
async function verify(call: Call): Promise<ShopIdentity> {
  const { webhookUrl } = mallOf(call.credentials)
  try {
    const answer = await sendEvent(call, { name: 'ping', data: {} })
    const platformShopId = placeOf(webhookUrl)
    const name = textAt(answer, 'name', longest.name) || platformShopId
    return { platformShopId, name, nick: name }
  } catch (error) {
    // At this point a signature that is refused is a secret that was typed wrong.
    if (!(error instanceof PlatformError) || error.kind !== 'reauthorise') throw error
    throw new PlatformError('rejected', 'signature_refused', error.message, { cause: error })
  }
}
