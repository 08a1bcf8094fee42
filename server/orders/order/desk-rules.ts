import { already, type Refusal, wrongStatus } from '../../core/decide.ts'
import { isOffPlatform, isUnshipped, type OrderStatus, statusWords } from './lifecycle.ts'

// Reasons why a command is not possible for an order. Pure: the buttons use them too.

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
}): Refusal | undefined {
  if (!isOffPlatform(origin)) return ofPlatform
  if (paid) return already({ zh: '已付款', en: 'Paid' })
  if (cod) return { code: 'cod', message: { zh: '货到付款，不用登记', en: 'Cash on delivery' } }
  return isUnshipped(status) ? undefined : wrongStatus(statusWords[status], bookPayment)
}

const bookPayment = { zh: '登记付款', en: 'book a payment' }

const ofPlatform: Refusal = {
  code: 'of_platform',
  message: { zh: '平台订单的付款由平台告知', en: "The platform tells of its trades' payment" },
}

export function whyNotPlanned(status: OrderStatus): Refusal | undefined {
  return isUnshipped(status) && status !== 'released'
    ? undefined
    : wrongStatus(statusWords[status], { zh: '改计划发货日', en: 'plan its shipping' })
}
