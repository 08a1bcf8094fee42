import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { shopId } from '../doudian/tokens.ts'
import { sellerNumber } from '../kuaishou/refund-json.ts'
import { refundDocument, tradeDocument } from '../ownshop/documents.ts'
import { isReturn, refundNumber } from '../shopify/refunds.ts'
import { domainOf } from '../shopify/webhooks.ts'
import { written } from '../woocommerce/call.ts'
import { orderJson } from '../woocommerce/order-json.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import type { Message } from './books.ts'

/** The words of a platform about a change. */
export interface Said {
  topic: string
  /** JSON text. */
  content: string
}

/** A request that a platform makes. `query`: the end of the address, which begins with ? or /. */
export interface PostedRequest {
  query: string
  headers: Record<string, string>
  body: string
}

/** How a platform that posts its messages says and sends them, and which answer it takes. */
interface Poster {
  trade(trade: Trade): Said
  /** Undefined: the platform says nothing of this change. */
  refund(refund: Refund): Said | undefined
  request(message: Message): PostedRequest
  isTaken(answer: string): boolean
  /** It sends each message once, and after six failures in succession none at all. */
  once?: true
}

const DOUDIAN_TAGS: Record<string, string> = {
  WAIT_BUYER_PAY: '100',
  WAIT_SELLER_SEND_GOODS: '101',
  SELLER_CONSIGNED_PART: '108',
  WAIT_BUYER_CONFIRM_GOODS: '102',
  TRADE_FINISHED: '103',
  TRADE_CLOSED: '106',
  WAIT_SELLER_AGREE: '200',
  WAIT_BUYER_RETURN_GOODS: '202',
  WAIT_SELLER_CONFIRM_GOODS: '203',
  SELLER_REFUSE_BUYER: '204',
  SUCCESS: '206',
  CLOSED: '207',
}

const doudian: Poster = {
  trade: ({ shop, tid, status }) => ({
    topic: DOUDIAN_TAGS[status] ?? '113',
    content: `{"p_id":${tid},"shop_id":${shopId(shop)}}`,
  }),
  refund: ({ id, status, trade }) => ({
    topic: DOUDIAN_TAGS[status] ?? '208',
    content: `{"p_id":${trade.tid},"aftersale_id":${id},"shop_id":${shopId(trade.shop)}}`,
  }),
  request({ id, shop, topic, content }) {
    const { appKey, appSecret } = shop.options
    const body = JSON.stringify([{ tag: topic, msg_id: String(id), data: content }])
    const sign = createHash('md5').update(`${appKey}${body}${appSecret}`).digest('hex')
    return {
      query: '',
      headers: { 'content-type': 'application/json', 'app-id': appKey, 'event-sign': sign },
      body,
    }
  },
  isTaken: (answer) => answer === '{"code":0,"msg":"success"}',
}

const kuaishou: Poster = {
  trade: ({ shop, tid }) => ({
    topic: 'kwaishop_order_addOrder',
    content: `{"oid":${tid},"sellerId":${sellerNumber(shop.key)}}`,
  }),
  refund: ({ id, trade }) => ({
    topic: 'kwaishop_aftersales_updateRefund',
    content: `{"oid":${trade.tid},"refundId":${id},"sellerId":${sellerNumber(trade.shop.key)}}`,
  }),
  request({ id, shop, topic, content, publishedAt }) {
    const text = `{"eventId":"243_${id}","msgId":"84_${id}","bizId":1,"userId":${sellerNumber(shop.key)},"openId":"","appKey":"${shop.options.appKey}","event":"${topic}","info":${JSON.stringify(content)},"status":2,"createTime":${publishedAt}}`
    const key = Buffer.from(shop.options.pushKey ?? '', 'base64')
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.alloc(16))
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
    return { query: '', headers: { 'content-type': 'text/plain' }, body }
  },
  isTaken: (answer) => answer === '{"result":1}',
}

const weixin: Poster = {
  trade: ({ tid, status }) => ({
    topic:
      status === 'WAIT_SELLER_SEND_GOODS' ? 'channels_ec_order_pay' : 'channels_ec_order_ext_info_update',
    content: `"order_info":{"order_id":${tid}}`,
  }),
  refund: ({ id, status, trade }) => ({
    topic: 'channels_ec_aftersale_update',
    content: `"finder_shop_aftersale_status_update":{"status":"${status}","after_sale_order_id":"${id}","order_id":"${trade.tid}"}`,
  }),
  request({ id, shop, topic, content, publishedAt }) {
    const { appKey, pushToken = '', pushKey = '' } = shop.options
    const seconds = Math.floor(publishedAt / 1000)
    const name = `gh_${hash32(shop.key).toString(16)}`
    const text = `{"ToUserName":"${name}","FromUserName":"o${id}","CreateTime":${seconds},"MsgType":"event","Event":"${topic}",${content}}`
    const encrypted = weixinEncrypted(pushKey, appKey, text)
    const [timestamp, nonce] = [String(seconds), String(id % 1_000_000n)]
    const sign = (...parts: string[]) => createHash('sha1').update(parts.sort().join('')).digest('hex')
    const query = new URLSearchParams({
      ...{ signature: sign(pushToken, timestamp, nonce), timestamp, nonce, encrypt_type: 'aes' },
      msg_signature: sign(pushToken, timestamp, nonce, encrypted),
    })
    const body = JSON.stringify({ ToUserName: name, Encrypt: encrypted })
    return { query: `?${query}`, headers: { 'content-type': 'application/json' }, body }
  },
  isTaken: (answer) => answer === 'success',
}

/** AES-256-CBC of 16 random bytes, the length, the text and the app's id, padded to 32 bytes. */
function weixinEncrypted(pushKey: string, appId: string, text: string): string {
  const key = Buffer.from(`${pushKey}=`, 'base64')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  const whole = Buffer.concat([randomBytes(16), length, Buffer.from(text), Buffer.from(appId)])
  const padding = 32 - (whole.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([
    cipher.update(Buffer.concat([whole, Buffer.alloc(padding, padding)])),
    cipher.final(),
  ]).toString('base64')
}

/** A mall posts whole documents with its API key; /trades or /refunds is the end of the address. */
const ownshop: Poster = {
  trade: (trade) => ({ topic: 'trades', content: JSON.stringify(tradeDocument(trade)) }),
  refund: (refund) => ({ topic: 'refunds', content: JSON.stringify(refundDocument(refund)) }),
  request: ({ shop, topic, content }) => ({
    query: `/${topic}`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${shop.options.pushKey ?? ''}`,
    },
    body: `{"${topic}":[${content}]}`,
  }),
  isTaken: (answer) => /^\{"results":\[\{"number":"[\w-]+","outcome":"(stored|unchanged)"/.test(answer),
}

/** A webhook has the whole order as it was when it changed. A refund is a change of its order. */
const woocommerce: Poster = {
  trade: (trade) => ({
    topic: trade.created === trade.modified ? 'order.created' : 'order.updated',
    content: written(orderJson(trade, '', 2)),
  }),
  refund: ({ trade }) => ({ topic: 'order.updated', content: written(orderJson(trade, '', 2)) }),
  request({ shop, topic, content, publishedAt }) {
    const [resource = '', event = ''] = topic.split('.')
    const delivery = createHash('md5')
      .update(`${shop.key}${Math.floor(publishedAt / 1000)}`)
      .digest('hex')
    return {
      query: '',
      headers: {
        'content-type': 'application/json',
        'x-wc-webhook-source': 'https://shop.example.com/',
        'x-wc-webhook-topic': topic,
        'x-wc-webhook-resource': resource,
        'x-wc-webhook-event': event,
        'x-wc-webhook-signature': createHmac('sha256', shop.options.pushKey ?? '')
          .update(content, 'utf8')
          .digest('base64'),
        'x-wc-webhook-id': '3',
        'x-wc-webhook-delivery-id': delivery,
      },
      body: content,
    }
  },
  isTaken: (answer) => answer !== '',
  once: true,
}

const RETURN_TOPICS: Record<string, string> = {
  WAIT_SELLER_AGREE: 'returns/request',
  WAIT_BUYER_RETURN_GOODS: 'returns/approve',
  SELLER_REFUSE_BUYER: 'returns/decline',
  CLOSED: 'returns/cancel',
  SUCCESS: 'returns/close',
}

/** The document of a webhook has the shape of the older REST API: numbers as they are, names with underscores. A refund has a topic of its own. */
const shopify: Poster = {
  trade: ({ tid, created, modified }) => ({
    topic: created === modified ? 'orders/create' : 'orders/updated',
    content: `{"id":${tid},"admin_graphql_api_id":"gid://shopify/Order/${tid}"}`,
  }),
  refund(refund) {
    const { status, num, trade, line } = refund
    const number = refundNumber(refund)
    if (isReturn(refund)) {
      const topic = RETURN_TOPICS[status]
      if (topic === undefined) return undefined
      return { topic, content: `{"id":${number},"order":{"id":${trade.tid}}}` }
    }
    // Money that is given back was never asked for, so there is one message.
    if (status !== 'SUCCESS') return undefined
    const lines = num === 0 ? '' : `{"line_item_id":${line.oid},"quantity":${num}}`
    return {
      topic: 'refunds/create',
      content: `{"id":${number},"order_id":${trade.tid},"refund_line_items":[${lines}]}`,
    }
  },
  request({ id, shop, topic, content, publishedAt }) {
    return {
      query: '',
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-shop-domain': domainOf(shop),
        'x-shopify-api-version': '2026-07',
        'x-shopify-event-id': `event-${id}`,
        'x-shopify-webhook-id': `${id}-${publishedAt}`,
        'x-shopify-triggered-at': new Date(publishedAt).toISOString(),
        'x-shopify-hmac-sha256': createHmac('sha256', shop.options.appSecret)
          .update(content, 'utf8')
          .digest('base64'),
      },
      body: content,
    }
  },
  isTaken: (answer) => answer !== '',
}

const POSTERS: Record<string, Poster> = { doudian, kuaishou, ownshop, shopify, weixin, woocommerce }

export const posterOf = ({ platform }: Shop): Poster | undefined => POSTERS[platform]
export const postedTrade = (trade: Trade) => posterOf(trade.shop)?.trade(trade)
export const postedRefund = (refund: Refund) => posterOf(refund.trade.shop)?.refund(refund)
