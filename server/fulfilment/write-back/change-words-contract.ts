import type { LocalizedText } from '../../lib/localized-text.ts'

/**
 * Texts of refused changes of a waybill (改运单) that differ from those of a refused shipping: the platform knows of the parcel, so its shipping
 * cannot be undone.
 */
export const changeFailureWords: Record<string, LocalizedText> = {
  not_shipped: {
    zh: '平台上这些商品没有发货，没有运单可改。到平台核对，再记为手工完成',
    en: 'The platform does not show these goods as shipped, so there is no waybill to change. Look there, then end it by hand',
  },
  too_often: {
    zh: '平台不让再改这个运单。到平台核对，再记为手工完成',
    en: 'The platform lets nobody change this waybill again. Look there, then end it by hand',
  },
  courier_code: {
    zh: '平台不认识这家快递。换快递，再改一次运单',
    en: 'The platform does not know this courier. Choose another and change the waybill again',
  },
  waybill_invalid: {
    zh: '平台不接受这个运单号。核对单号，再改一次运单',
    en: 'The platform refuses this waybill. Check the number and change it again',
  },
  refund_open: {
    zh: '买家在退款，平台不让改运单。先处理退款',
    en: 'The buyer asks for a refund, so the platform takes no other waybill. Settle the refund first',
  },
  unsupported: {
    zh: '这个平台不能改运单。到平台手工改',
    en: 'This platform takes no other waybill: change it there',
  },
  other_waybill: {
    zh: '核对后采用平台运单，或再改一次运单',
    en: 'Check, then take that waybill, or change it again',
  },
  other: {
    zh: '平台拒绝改运单。核对后重试，或到平台手工改',
    en: 'The platform refused the other waybill. Check, then retry, or change it there by hand',
  },
}
