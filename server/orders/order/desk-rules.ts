import { isOffPlatform, isUnshipped, type OrderStatus, statusWords } from './lifecycle.ts'

// Why the desk may not do this to an order; null: it may. Pure: the buttons read it.

export function whyNotPaid({
  origin,
  paid,
  cod,
  status,
}: {
  origin: string
  paid: boolean
  cod: boolean
  status: OrderStatus
}) {
  if (!isOffPlatform(origin)) return ofPlatform
  if (paid) return { code: 'already', message: { zh: '已付款', en: 'Paid already' } }
  if (cod) return { code: 'cod', message: { zh: '货到付款，不用登记', en: 'Cash on delivery' } }
  return isUnshipped(status) ? null : wrongStatus(status, '登记付款', 'book a payment')
}

const ofPlatform = {
  code: 'of_platform',
  message: { zh: '平台订单的付款由平台告知', en: "The platform tells of its trades' payment" },
}

/** Once the warehouse has it, a date comes too late. */
export function whyNotPlanned(status: OrderStatus) {
  return isUnshipped(status) && status !== 'released'
    ? null
    : wrongStatus(status, '改计划发货日', 'plan its shipping')
}

function wrongStatus(status: OrderStatus, zh: string, en: string) {
  const words = statusWords[status]
  return { code: 'wrong_status', message: { zh: `${words.zh}，不能${zh}`, en: `${words.en}: cannot ${en}` } }
}
