import { type Refusal, wrongStatus } from '../../core/decide.ts'
import { type DeliveryFacts, deliveryStatusWords } from '../lifecycle.ts'

// 改运单. Pure: the server and the buttons use it.

/** Returns why the delivery's waybill cannot be changed; undefined: it can, if its platform takes it. */
export function whyNotChanged({
  status,
  writeBack,
  shownWaybill,
  errorCode,
}: Pick<DeliveryFacts, 'status' | 'writeBack' | 'shownWaybill'> & { errorCode: string }):
  | Refusal
  | undefined {
  if (status !== 'shipped')
    return wrongStatus(deliveryStatusWords[status], { zh: '改运单', en: 'Change its waybill' })
  if (shownWaybill !== '') return writeBack === 'waiting' ? beingChanged : undefined
  if (writeBack === 'done' || writeBack === 'forced' || writeBack === 'none') return undefined
  if (writeBack === 'manual') return takenOver
  return writeBack === 'failed' && errorCode === 'other_waybill' ? underAnother : notReported
}

/** A change of the waybill is on its way to the platform. */
export const beingChanged: Refusal = {
  code: 'waybill_changing',
  message: {
    zh: '上一次改运单还没有结果，等平台回复再改',
    en: 'The platform has not answered the last change of its waybill yet; wait for that',
  },
}
const notReported: Refusal = {
  code: 'not_written_back',
  message: {
    zh: '平台还不知道这次发货。撤销发货，填好运单再发',
    en: 'The platform does not know of the shipping yet. Undo it, type the waybill, ship again',
  },
}
const takenOver: Refusal = {
  code: 'not_written_back',
  message: {
    zh: '回写是手工完成的。平台上发了货的，先点强制成功再改运单；没发的，撤销发货',
    en: 'A person took its write-back over. If it is shipped on the platform, say so (强制成功), then change the waybill; if not, undo the shipping',
  },
}
const underAnother: Refusal = {
  code: 'not_written_back',
  message: {
    zh: '平台上这次发货是另一个运单。先采用平台运单，或到平台改好后点强制成功',
    en: 'The platform shows the shipping with another waybill. Take that one, or put it right there and say that it is done',
  },
}
