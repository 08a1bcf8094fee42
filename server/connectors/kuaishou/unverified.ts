import { minuteMs } from '../../lib/time.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** How late a list may show a change. */
export const listLagMs = minuteMs

/** `option` of the list of refunds: without it exchanges are left out, and with it they come beside the others. */
export const listOption = { needExchange: true } as const

/** The words of a failure of the platform itself, after which the call may have had its effect. The documents list none. */
export const failureWords =
  /系统(繁忙|异常|错误)|服务器?(繁忙|异常|错误)|(服务|请求|调用|网络|接口)[^，。；]{0,4}超时|网络异常|稍后(重试|再试)|timed? ?out/i

/** The flag of `open.seller.order.note.add` that takes a flag away: grey, which orders have from the beginning. */
export const noFlag = 6

/** `confirmDeliveryStatus` of open.order.goods.split.deliver: pieces of the order are left, or none. */
export const deliveryStatus = { part: 10, whole: 40 } as const
