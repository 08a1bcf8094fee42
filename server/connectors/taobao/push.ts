import { hash } from 'node:crypto'
import { isRecord, parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import { cleanText, type Fields, idAt, longest } from '../fields.ts'
import type { PushEvent, PushHint, PushSession, PushSource } from '../push.ts'
import { callTop } from './client.ts'
import { appOf, type TaobaoApp } from './credentials.ts'
import { addUser, rows } from './rds.ts'
import { frameTypes, kinds, readFrame, type TmcFrame, writeFrame } from './tmc.ts'

/**
 * TMC, the message service. Not tried on the real platform: the names `userid`, `nick`, `topic`, `content` and `id` of a message's fields,
 * and that a refused login has a status other than 0 and 200.
 */
export const push = {
  appKey: (credentials) => appOf(credentials).appKey,
  // The official client pulls every 30 s, tmc.js every 5 s. The server also pushes by itself.
  socket: { beatMs: 5 * secondMs, session: (credentials, now) => session(appOf(credentials), now) },
  permit,
  rows,
} satisfies PushSource

const group = 'default'

/** UPPER(MD5(secret + "app_key" + k + "group_name" + g + "timestamp" + t + secret)). The secret itself is never sent. */
export function tmcSign({ appKey, appSecret }: TaobaoApp, timestamp: string): string {
  const text = `${appSecret}app_key${appKey}group_name${group}timestamp${timestamp}${appSecret}`
  return hash('md5', text, 'hex').toUpperCase()
}

function session(app: TaobaoApp, now: Date): PushSession {
  let token = ''
  const timestamp = String(now.getTime())
  const hello = writeFrame(frameTypes.connect, {
    ...{ app_key: app.appKey, group_name: group, timestamp, sign: tmcSign(app, timestamp) },
    ...{ sdk: 'sanyi', intranet_ip: '127.0.0.1' },
  })
  return {
    url: app.pushUrl,
    hello,
    read(frame) {
      const read = typeof frame === 'string' ? undefined : readFrame(frame)
      if (!read) return { kind: 'unreadable', reason: 'no TMC frame' }
      if (read.type === frameTypes.connectAck) {
        token = read.token
        return isRefused(read) ? { kind: 'refused', code: codeOf(read) } : { kind: 'ready' }
      }
      return eventOf(read, () => token)
    },
    beat: () => writeFrame(frameTypes.send, { __kind: { byte: kinds.pull } }, token),
  }
}

const isRefused = ({ status }: TmcFrame) => status !== 0 && status !== 200
const codeOf = ({ status, phrase }: TmcFrame) => cleanText(phrase, longest.word) || String(status)

function eventOf({ fields }: TmcFrame, token: () => string): PushEvent {
  const id = fields.get('id') ?? ''
  if (id === '') return { kind: 'sign' }
  if (!isNumber(id)) return { kind: 'unreadable', reason: 'no message number' }
  const topic = cleanText(fields.get('topic') ?? '', longest.name)
  const message = {
    id,
    topic,
    shops: [fields.get('userid') ?? '', fields.get('nick') ?? ''].filter((name) => name !== ''),
    hint: hintOf(topic, fields.get('content') ?? ''),
    raw: JSON.stringify(Object.fromEntries(fields)),
  }
  return {
    kind: 'message',
    message,
    acknowledge: () =>
      writeFrame(frameTypes.send, { __kind: { byte: kinds.confirm }, id: BigInt(id) }, token()),
  }
}

/** True for a number of 64 bits: a message is confirmed by such a number. */
const isNumber = (id: string) => /^-?\d{1,19}$/.test(id) && BigInt.asIntN(64, BigInt(id)) === BigInt(id)

/** An unknown topic, or a known one without its number, is kept as `other`: it would come back for ever if it were not confirmed. */
function hintOf(topic: string, content: string): PushHint {
  const body = contentOf(content)
  const tid = idAt(body, 'tid')
  if (topic.startsWith('taobao_trade_')) return tid === '' ? { kind: 'other' } : { kind: 'trade', tid }
  const refundId = idAt(body, 'refund_id')
  if (topic.startsWith('taobao_refund_') && refundId !== '') return { kind: 'refund', refundId, tid }
  return { kind: 'other' }
}

function contentOf(text: string): Fields {
  try {
    const body = parseJson(text)
    return isRecord(body) ? body : {}
  } catch {
    return {}
  }
}

/** Message topics of trades and refunds. `topics` replaces the earlier list. */
const topics = [
  ...['TradeCreate', 'TradeModifyFee', 'TradeCloseAndModifyDetailOrder', 'TradeClose', 'TradeBuyerPay'],
  ...['TradeBuyerStepPay', 'TradeSellerShip', 'TradePartlySellerShip', 'TradePartlyRefund', 'TradeSuccess'],
  ...['TradePartlyConfirmPay', 'TradeMemoModified', 'TradeLogisticsAddressChanged', 'TradeChanged'],
  ...['TradeAlipayCreate', 'OrderSkuChanged'],
].map((name) => `taobao_trade_${name}`)
const refundTopics = [
  ...['RefundCreated', 'RefundSellerAgreeAgreement', 'RefundSellerRefuseAgreement', 'RefundClosed'],
  ...['RefundBuyerModifyAgreement', 'RefundBuyerReturnGoods', 'RefundBlockMessage', 'RefundSuccess'],
].map((name) => `taobao_refund_${name}`)

/**
 * taobao.tmc.user.permit. The app must have subscribed the topics in the console of the platform. For a shop with a database its rows are
 * asked for, unless they are agreed on in the console.
 */
async function permit(call: Call): Promise<void> {
  const { rdsName } = appOf(call.credentials)
  if (rows.place(call.credentials)) {
    if (rdsName !== '') await addUser(call, rdsName)
    return
  }
  const { body } = await callTop(call, 'taobao.tmc.user.permit', {
    topics: [...topics, ...refundTopics].join(','),
  })
  if (body.is_success === true || body.is_success === 'true') return
  throw new PlatformError('rejected', 'not_permitted', 'The platform did not agree to send messages.')
}
