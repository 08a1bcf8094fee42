import type { Say } from '../../words.ts'
import { troubleText } from './code-words.ts'

// Our own sentences that are stored among the platforms' answers, by their beginnings.
const ours: readonly (readonly [start: string, zh: string])[] = [
  ['The platform sent a code to the shop owner', '平台已把短信验证码发给店主，填好再同意一次'],
  ['The platform did not refuse the refund', '平台没有拒绝成功'],
  ['This platform has no such action', '这个平台没有这个接口'],
  ['The refusal message must have', '拒绝说明要 2 到 200 个字'],
  ['The proof picture may have', '凭证图片太大'],
  ['A memo may have', '备注太长，最多 500 个汉字'],
  ['This platform cannot empty a note', '这个平台的备注不能清空'],
  ['At most', '超过平台一次能同意的笔数或金额'],
  ['Only refunds of money are agreed to here', '这里只能同意退钱，换货和退货到平台后台同意'],
  ['The freight of the return is decided', '退货的运费到平台后台处理'],
  ['The goods of this after-sale do not come back', '这笔售后不用退货，到平台后台处理'],
  ['The return was answered', '退货已答复，退钱到店铺后台处理'],
  ['Money that the seller has given back', '商家自己退的款，不用答复'],
  ['The buyer has not sent the goods back', '买家还没有寄回'],
  ['This platform ships whole deals only', '这个平台只能整单发货，不能拆开发'],
  ['This platform ships whole orders only', '这个平台只能整单发货，不能拆开发'],
  ['All goods of a SKU leave in one parcel', '同一规格的商品要在一个包裹里发'],
  ['This platform wants the pieces of a parcel', '这个平台要知道每个包裹里有哪几件'],
  ['The order may not be shipped now', '平台上的订单现在不能发货'],
  ['The parcel has left already', '平台上这个包裹已经发货'],
  ['The platform did not ship', '平台没有发货成功'],
  ['The platform did not change the waybill', '平台没有改运单成功'],
  ['The order has no parcel with the former waybill', '平台上没有原来运单的包裹'],
  ['The former courier is none of the platform', '平台没有原来的那家快递'],
  ['This platform hears of no receipts', '这个平台没有确认收货的接口，到平台后台确认'],
  ['This platform takes no shipping', '这个平台不能在这里发货，到平台后台发'],
  ['This platform takes no other waybill', '这个平台不能在这里改运单，到平台后台改'],
  ['This platform takes no stock', '这个平台不能在这里改库存'],
  ['A waybill has 4 to 40 letters', '运单号要 4 到 40 位字母数字'],
]

/** Returns the platform's reason: its own text, or our sentence in the user's language. */
export function platformErrorText(error: string, say: Say): string {
  const known = ours.find(([start]) => error.startsWith(start))
  return known ? say([known[1], error]) : troubleText(error, say)
}

/** True if the platform has sent a code to the shop's owner and waits for it. */
export function asksForCode(error: string): boolean {
  return error.startsWith('The platform sent a code')
}
