import { type Refusal, wrongStatus } from '../../core/decide.ts'
import { type DeliveryFacts, deliveryStatusWords } from '../lifecycle.ts'

// 改运单. Pure: the server and the buttons use it.

/** Returns why the delivery's waybill cannot be changed; undefined: it can, if its platform takes it. */
export function whyNotChanged({
  status,
  writeBack,
  shownWaybill,
}: Pick<DeliveryFacts, 'status' | 'writeBack' | 'shownWaybill'>): Refusal | undefined {
  if (status !== 'shipped')
    return wrongStatus(deliveryStatusWords[status], { zh: '改运单', en: 'Change its waybill' })
  if (shownWaybill !== '') return writeBack === 'waiting' ? beingChanged : undefined
  return writeBack === 'done' || writeBack === 'forced' || writeBack === 'none' ? undefined : notReported
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
