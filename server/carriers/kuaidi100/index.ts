import { hash } from 'node:crypto'
import type { Call } from '../../connectors/connector.ts'
import { type Fields, longest, textAt } from '../../connectors/fields.ts'
import { maskName, maskPhone } from '../../lib/mask.ts'
import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type {
  Address,
  GivenWaybill,
  ParcelAsked,
  TakenWaybill,
  TakeRequest,
  WaybillSource,
} from '../carrier.ts'
import { codeOf, numbersOf } from '../cloud-print.ts'
import type { PlainLabel } from '../plain-label-contract.ts'
import type { NewsAddress } from '../tracking-source.ts'
import { callLabel } from './client.ts'
import { kuaidi100Codes } from './couriers.ts'
import { appOf, credentials } from './credentials.ts'

/**
 * 快递100 电子面单: gives numbers from the merchant's own accounts at couriers, without any shop. It gets receivers in plain text only, and
 * the page lays out the label from the courier's sorting codes.
 */
export const kuaidi100: WaybillSource = {
  id: 'kuaidi100',
  name: { zh: '快递100 电子面单', en: '快递100 labels' },
  platforms: [],
  credentials,
  couriers: kuaidi100Codes,
  givesPackages: true,
  // No field of it brings a parcel to the door.
  ownServices: [{ code: 'valinsPay', name: '保价' }],
  mostParcels: 1,
  // With `reorder: false` the same orderId gets the same number for 48 hours.
  unclear: 'same_number',
  take,
  giveBack,
  // The couriers that its document names; it says of no other that it takes the request.
  intercept: { couriers: ['ZTO', 'YTO', 'JTSD', 'DBKD'], ask: askBack },
}

/** label/order, method order: one parcel a call. `printType` NON: no picture is made, and nothing is printed there. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const [parcel, ...others] = request.parcels
  if (!parcel || others.length > 0)
    throw new PlatformError('rejected', 'one_parcel', '快递100 takes one parcel a call.')
  const { receiver } = parcel
  if ([receiver.name, receiver.mobile, receiver.phone, receiver.address].some((text) => text.includes('*')))
    throw new PlatformError('rejected', 'masked_receiver', '收件人是平台加密的，快递100 不能取号')
  if (parcel.toDoor) throw new PlatformError('rejected', 'no_service', '快递100 不能要求送货上门')
  const { payType, expType } = appOf(call.credentials)
  const data = await callLabel(call, 'order', {
    printType: 'NON',
    kuaidicom: codeOf(kuaidi100Codes, request.courier),
    recMan: manOf(receiver, { ...receiver, detail: receiver.address }),
    sendMan: manOf(request.sender, request.sender.address),
    cargo: cargoOf(parcel),
    count: parcel.packages,
    ...(parcel.packages === 1 ? {} : { needChild: '1' }),
    ...(parcel.weightG === null ? {} : { weight: parcel.weightG / 1000 }),
    ...(parcel.codFen === null ? {} : { collection: yuanFromFen(parcel.codFen) }),
    ...(parcel.insuredFen === null ? {} : { valinsPay: yuanFromFen(parcel.insuredFen) }),
    ...{ payType, expType, orderId: orderIdOf(parcel), reorder: false },
  })
  const mainNo = textAt(data, 'kuaidinum', longest.word)
  const nos = numbersOf(textAt(data, 'childNum', parcel.packages * longest.word), mainNo, parcel.packages)
  if (mainNo === '' || nos.length !== parcel.packages)
    throw new PlatformError('retry', 'bad_answer', '快递100 did not name every number.', { unclear: true })
  const labels = nos.map((waybillNo, at) => {
    const label = labelOf(data, { ...request, parcel, waybillNo })
    const place = nos.length === 1 ? {} : { place: `${at + 1}/${nos.length} ${mainNo}` }
    return { waybillNo, printData: JSON.stringify({ ...label, ...place }) }
  })
  const [{ printData } = { printData: '' }] = labels
  const courierOrder = textAt(data, 'kdComOrderNum', longest.word)
  return [
    { key: parcel.key, waybillNo: mainNo, packages: nos.length === 1 ? [] : labels, printData, courierOrder },
  ]
}

/** label/order, method cancel: by the main number, with all packages. It wants the courier's own order number if one was given. */
async function giveBack(call: Call, { courier, waybillNo, courierOrder }: GivenWaybill): Promise<void> {
  await callLabel(call, 'cancel', {
    kuaidicom: codeOf(kuaidi100Codes, courier),
    kuaidinum: waybillNo,
    ...(courierOrder === '' ? {} : { orderId: courierOrder }),
    ...{ expType: appOf(call.credentials).expType, reason: '取消发货' },
  })
}

/**
 * Another installation may use the same account and number its requests alike, and would get the number of a parcel of ours: the receiver
 * keeps them apart.
 */
const orderIdOf = ({ key, receiver: { name, mobile, phone, ...place } }: ParcelAsked) => {
  const receiver = [name, mobile, phone, lineOf({ ...place, detail: place.address })].join(' ')
  return `${key}_${hash('sha256', receiver, 'hex').slice(0, 8)}`
}

/** label/order, method interceptOrder: for parcels on their way that are not signed for. */
async function askBack(
  call: Call,
  { courier, waybillNo }: { courier: string; waybillNo: string },
  { callbackUrl, salt }: NewsAddress,
): Promise<void> {
  await callLabel(call, 'interceptOrder', {
    ...{ kuaidicom: codeOf(kuaidi100Codes, courier), kuaidinum: waybillNo },
    ...{ interceptType: 'RETURN_SEND_ADDR', reason: '买家申请退款', salt, callbackUrl },
  })
}

type Man = { name: string; mobile: string; phone: string }

const manOf = ({ name, mobile, phone }: Man, address: Address) => ({
  name,
  ...(mobile ? { mobile } : {}),
  ...(phone ? { tel: phone } : {}),
  printAddr: lineOf(address),
})

const lineOf = ({ province, city, district, town, detail }: Address) =>
  `${province}${city}${district}${town}${detail}`

/** The goods as the label names them. The documents give no longest text, and couriers cut it. */
const cargoOf = ({ goods }: ParcelAsked) =>
  goods
    .map(({ name, quantity }) => `${name}×${quantity}`)
    .join(' ')
    .slice(0, 100)

/** What our own label shows. Name and number of the receiver are masked, as couriers print them; they know the real ones by the number. */
function labelOf(
  data: Fields,
  { courier, sender, parcel, waybillNo }: TakeRequest & { parcel: ParcelAsked; waybillNo: string },
): PlainLabel {
  const { receiver } = parcel
  const word = (key: string) => textAt(data, key, longest.word)
  return {
    ...{ courier, waybillNo, routing: word('bulkpen') },
    ...{ codFen: parcel.codFen, insuredFen: parcel.insuredFen },
    bag: [word('pkgCode'), word('pkgName')].filter(Boolean).join(' '),
    road: word('road'),
    receiver: {
      name: maskName(receiver.name),
      phone: maskPhone(receiver.mobile || receiver.phone),
      address: lineOf({ ...receiver, detail: receiver.address }),
    },
    sender: { name: sender.name, phone: sender.mobile || sender.phone, address: lineOf(sender.address) },
  }
}
