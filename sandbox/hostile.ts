import type { Shop } from './world/model.ts'
import { createTrade } from './world/trade.ts'
import type { World } from './world/world.ts'

/** Malicious payloads by the name of the fault: raw JSON for fields (null leaves the field out). */
const HOSTILE: Record<string, Record<string, string | null>> = {
  'huge message': { buyer_message: JSON.stringify('长'.repeat(200_000)) },
  'control characters': {
    buyer_message: '"a\\u0000b\\u0007\\u202e\\u2028\\ud83d\\ude00"',
    seller_memo: '"\\ud800"',
  },
  'markup and formula': {
    buyer_message: '"<img src=x onerror=alert(1)>"',
    seller_memo: '"=HYPERLINK(\\"http://example.invalid\\",\\"x\\")"',
  },
  'negative payment': { payment: '"-1.00"', total_fee: '"-1.00"' },
  'payment is a number': { payment: '12.3' },
  'payment is not money': { payment: '"abc"' },
  'payment is empty': { payment: '""' },
  'payment beyond a double': { payment: '"99999999999999999999.99"' },
  'orders missing': { orders: null },
  'orders empty': { orders: '{"order":[]}' },
  'orders is text': { orders: '"none"' },
  'line without number and with a negative quantity': {
    orders:
      '{"order":[{"title":"坏行","num":-1,"price":"-5.00","payment":"0.00","status":"WAIT_SELLER_SEND_GOODS"}]}',
  },
  'one good line and one bad': {
    orders:
      '{"order":[{"oid":2948105799999990417,"oid_str":"2948105799999990417","num_iid":620000000001,"title":"好行","num":1,"price":"5.00","total_fee":"5.00","payment":"5.00","divide_order_fee":"5.00","refund_status":"NO_REFUND","status":"WAIT_SELLER_SEND_GOODS"},7]}',
  },
  'status is a number': { status: '3' },
  'status missing': { status: null },
  'status nobody knows': { status: '"TRADE_TELEPORTED"' },
  'modified missing': { modified: null },
  'modified is no date': { modified: '"0000-00-00 00:00:00"' },
  'created is a number': { created: '1795535779' },
  'receiver is an object': { receiver_name: '{"first":"王"}', receiver_mobile: '13800000000' },
  'type missing': { type: null },
}

/** Creates a trade for each kind of malicious payload; returns the trade numbers by kind. Their true states have `hostile: true`. */
export function createHostile(world: World, shop: Shop): Record<string, string> {
  const tids: Record<string, string> = {}
  for (const [name, garbage] of Object.entries(HOSTILE)) {
    tids[name] = createTrade(world, shop, {
      status: 'WAIT_SELLER_SEND_GOODS',
      type: 'fixed',
      garbage,
    }).tid
  }
  return tids
}
