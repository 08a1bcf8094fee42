import type { Call } from '../../connectors/connector.ts'
import { type Fields, fieldsAt, fieldsIn, listAt, longest, textAt } from '../../connectors/fields.ts'
import { callTop } from '../../connectors/taobao/client.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type {
  Address,
  Branch,
  LabelTemplate,
  ParcelAsked,
  Sender,
  TakenWaybill,
  TakeRequest,
  WaybillSource,
} from '../carrier.ts'
import { cainiaoCodes, courierOfCode } from './couriers.ts'

/**
 * 菜鸟电子面单 (cainiao.waybill.ii.*): called like any TOP method, with the session of a Taobao shop. A masked receiver is found by oaid
 * and tid.
 */
export const cainiao: WaybillSource = {
  id: 'cainiao',
  name: { zh: '菜鸟电子面单', en: 'Cainiao waybills' },
  platforms: ['taobao'],
  couriers: cainiaoCodes,
  mostParcels: 10,
  unclear: 'look_up',
  branches,
  templates,
  take,
  lookUp,
  giveBack,
}

/** Longest print data that is kept. The documents give no limit; a label has some 2 to 6 KB. */
const longestPrintData = 64_000

/** cainiao.waybill.ii.search: branches by courier. Direct couriers (cp_type 1) settle monthly and have no balance. */
async function branches(call: Call): Promise<Branch[]> {
  const { body } = await callTop(call, 'cainiao.waybill.ii.search', {})
  return rowsAt(body, 'waybill_apply_subscription_cols', 'waybill_apply_subscription_info').flatMap((of) => {
    const courier = courierOfCode(textAt(of, 'cp_code', longest.word))
    if (courier === undefined) return []
    const monthly = textAt(of, 'cp_type', 4) === '1'
    return rowsAt(of, 'branch_account_cols', 'waybill_branch_account').map((branch) => ({
      courier,
      branchCode: textAt(branch, 'branch_code', longest.word),
      branchName: textAt(branch, 'branch_name', longest.name),
      balance: monthly ? null : countAt(branch, 'quantity'),
      used: countAt(branch, 'allocated_quantity'),
      addresses: rowsAt(branch, 'shipp_address_cols', 'address_dto').map(readAddress),
    }))
  })
}

/** cainiao.cloudprint.mystdtemplates.get: the labels that the seller uses. */
async function templates(call: Call): Promise<LabelTemplate[]> {
  const { body } = await callTop(call, 'cainiao.cloudprint.mystdtemplates.get', {})
  const result = fieldsAt(body, 'result')
  return rowsAt(result, 'datas', 'user_template_result').flatMap((of) => {
    const courier = courierOfCode(textAt(of, 'cp_code', longest.word))
    if (courier === undefined) return []
    return rowsAt(of, 'user_std_templates', 'user_template_do').map((template) => ({
      courier,
      name: textAt(template, 'user_std_template_name', longest.name),
      url: textAt(template, 'user_std_template_url', longest.url),
    }))
  })
}

/** cainiao.waybill.ii.get: at most ten parcels. `object_id` is our key; the package id keeps parcels of one trade apart. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const asked = {
    cp_code: codeOf(request.courier),
    sender: senderOf(request.sender),
    need_encrypt: true,
    trade_order_info_dtos: request.parcels.map((parcel) => ({
      object_id: parcel.key,
      order_info: {
        order_channels_type: channels[parcel.platform] ?? 'OTHERS',
        trade_order_list: parcel.tids,
      },
      package_info: packageOf(parcel),
      recipient: recipientOf(parcel),
      template_url: request.templateUrl,
      user_id: request.sellerId,
    })),
  }
  const { body } = await callTop(call, 'cainiao.waybill.ii.get', {
    param_waybill_cloud_print_apply_new_request: withPlainIds(asked),
  })
  return takenOf(
    rowsAt(body, 'modules', 'waybill_cloud_print_response'),
    request.parcels.map(({ key }) => key),
  )
}

/** cainiao.waybill.ii.query.by.tradecode: one row for each parcel, with `success` false for one that has no number. */
async function lookUp(call: Call, parcels: readonly ParcelAsked[]): Promise<TakenWaybill[]> {
  const param_list = JSON.stringify(
    parcels.map(({ key, tids }) => ({ biz_sub_code: tids[0] ?? '', object_id: key })),
  )
  const { body } = await callTop(call, 'cainiao.waybill.ii.query.by.tradecode', { param_list })
  const found = rowsAt(body, 'modules', 'waybill_cloud_print_with_result_desc_response')
  return found.flatMap((row) => {
    const answer = fieldsAt(row, 'waybill_cloud_print_response')
    const key = textAt(row, 'object_id', longest.word)
    if (textAt(answer, 'waybill_code', longest.word) === '') return []
    return parcels.some((parcel) => parcel.key === key) ? [readTaken(key, answer)] : []
  })
}

/** cainiao.waybill.ii.cancel. `cancel_result` false is a refusal: the parcel is under way, or the number is not ours. */
async function giveBack(
  call: Call,
  { courier, waybillNo }: { courier: string; waybillNo: string },
): Promise<void> {
  const { body } = await callTop(call, 'cainiao.waybill.ii.cancel', {
    cp_code: codeOf(courier),
    waybill_code: waybillNo,
  })
  if (textAt(body, 'cancel_result', 8) === 'true') return
  throw new PlatformError('rejected', 'not_given_back', 'Cainiao did not take the number back.', {
    requestId: textAt(body, 'request_id', longest.word),
  })
}

function codeOf(courier: string): string {
  const code = Object.entries(cainiaoCodes).find(([ours]) => ours === courier)?.[1]
  if (code === undefined)
    throw new PlatformError('rejected', 'courier_code', `Cainiao has no courier ${courier}.`)
  return code
}

/** The answer must name every parcel once. Otherwise it is unclear which numbers were given. */
function takenOf(rows: readonly Fields[], keys: readonly string[]): TakenWaybill[] {
  const taken = rows.map((row) => readTaken(textAt(row, 'object_id', longest.word), row))
  const complete =
    taken.length === keys.length &&
    keys.every((key) => taken.some((one) => one.key === key && one.waybillNo !== ''))
  if (complete) return taken
  throw new PlatformError('retry', 'bad_answer', 'Cainiao did not name a number for every parcel.', {
    unclear: true,
  })
}

const readTaken = (key: string, row: Fields): TakenWaybill => ({
  key,
  waybillNo: textAt(row, 'waybill_code', longest.word),
  parentNo: textAt(row, 'parent_waybill_code', longest.word),
  printData: textAt(row, 'print_data', longestPrintData),
})

const channels: Readonly<Record<string, string>> = { taobao: 'TB' }

const senderOf = ({ name, mobile, phone, address }: Sender) => ({
  name,
  ...(mobile ? { mobile } : {}),
  ...(phone ? { phone } : {}),
  address: addressOf(address),
})

const addressOf = ({ province, city, district, town, detail }: Address) => ({
  province,
  ...(city ? { city } : {}),
  ...(district ? { district } : {}),
  ...(town ? { town } : {}),
  detail,
})

const packageOf = ({ key, goods, weightG }: ParcelAsked) => ({
  id: key,
  items: goods.slice(0, 100).map(({ name, quantity }) => ({ name, count: quantity })),
  ...(weightG === null ? {} : { weight: weightG }),
})

const recipientOf = ({ receiver, receiverTid }: ParcelAsked) => ({
  name: receiver.name,
  ...(receiver.mobile ? { mobile: receiver.mobile } : {}),
  ...(receiver.phone ? { phone: receiver.phone } : {}),
  address: addressOf({ ...receiver, detail: receiver.address }),
  ...(receiver.token ? { oaid: receiver.token, tid: receiverTid } : {}),
})

/** `user_id` is a number of up to 19 digits, which a JavaScript number would round: it is written as it is. */
const withPlainIds = (asked: unknown) =>
  JSON.stringify(asked).replace(/"user_id":"(\d{1,19})"/g, '"user_id":$1')

const readAddress = (of: Fields): Address => ({
  province: textAt(of, 'province', longest.word),
  city: textAt(of, 'city', longest.word),
  district: textAt(of, 'district', longest.word),
  town: textAt(of, 'town', longest.word),
  detail: textAt(of, 'detail', longest.address),
})

const rowsAt = (of: Fields, key: string, inner: string): Fields[] => fieldsIn(listAt(of, key, inner), key, [])

function countAt(of: Fields, key: string): number {
  const text = textAt(of, key, 12)
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}
