import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { callFxg, type Params, signedQuery } from '../../connectors/doudian/client.ts'
import { companyCodes } from '../../connectors/doudian/couriers.ts'
import { type Fields, fieldsAt, isTrueAt, longest, textAt } from '../../connectors/fields.ts'
import { chunksOf } from '../../lib/chunks.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type {
  Branch,
  CustomArea,
  GivenWaybill,
  LabelTemplate,
  ParcelAsked,
  TakenWaybill,
  TakeRequest,
  WaybillSource,
} from '../carrier.ts'
import {
  afterNumber,
  codeOf,
  countAt,
  eachNumber,
  keysAt,
  longestPrintData,
  numbersOf,
  rowsAt,
} from '../cloud-print.ts'
import { LabelRefused } from '../label-refused.ts'
import { packIdOf } from './pack-id.ts'
import { createRequest, printedSender } from './requests.ts'
import { monthlyTypes, passingErrors, servicesOf } from './unverified.ts'

/** newCreateOrder takes fifty, but each order is read first, and all calls of one request must be made within a few seconds. */
const mostParcels = 10

/** The most numbers of one logistics/waybillApply. */
const mostNumbers = 50

/**
 * 抖店电子面单 (logistics.*): called like any method of 抖店, with the token of its shop. The receiver is named by the ciphertext of the order. An
 * order gets the same number again under the same pack_id, so a request whose second call failed is repeated as a whole.
 */
export const doudianWaybills: WaybillSource = {
  id: 'doudian',
  name: { zh: '抖店电子面单', en: 'Douyin Shop waybills' },
  platforms: ['doudian'],
  platformOrdersOnly: true,
  couriers: companyCodes,
  givesPackages: true,
  mostParcels,
  unclear: 'same_number',
  service: { branches, templates: standardLabels, customAreas },
  take,
  giveBack,
  printFields,
}

const dataOf = async (call: Call, method: string, params: Params): Promise<Fields> =>
  fieldsAt((await callFxg(call, `logistics/${method}`, params)).body, 'data')

/** logistics/listShopNetsite: the branches of all couriers. A direct courier may have none, and then has its own code as one. */
async function branches(call: Call): Promise<Branch[]> {
  const data = await dataOf(call, 'listShopNetsite', { logistics_code: '' })
  return rowsAt(data, 'netsites').flatMap((of) => {
    const code = textAt(of, 'company', longest.word)
    const courier = courierOfCode(companyCodes, code)
    if (courier === undefined) return []
    return {
      courier,
      branchCode: textAt(of, 'netsite_code', longest.word) || code,
      branchName: textAt(of, 'netsite_name', longest.name),
      balance: monthlyTypes.includes(textAt(of, 'company_type', 4)) ? null : countAt(of, 'amount'),
      used: countAt(of, 'allocated_quantity'),
      returned: countAt(of, 'cancelled_quantity'),
      addresses: rowsAt(of, 'sender_address').map((address) => ({
        province: textAt(address, 'province_name', longest.word),
        city: textAt(address, 'city_name', longest.word),
        district: textAt(address, 'district_name', longest.word),
        town: textAt(address, 'street_name', longest.word),
        detail: textAt(address, 'detail_address', longest.address),
      })),
      services: servicesOf(courier),
    }
  })
}

/** logistics/templateList: the labels of the platform, with their numbers. */
async function standardLabels(call: Call): Promise<(LabelTemplate & { id: string })[]> {
  const data = await dataOf(call, 'templateList', {})
  return rowsAt(data, 'template_data').flatMap((of) => {
    const courier = courierOfCode(companyCodes, textAt(of, 'logistics_code', longest.word))
    if (courier === undefined) return []
    return rowsAt(of, 'template_infos').map((template) => ({
      courier,
      id: textAt(template, 'template_id', longest.word),
      name: textAt(template, 'template_name', longest.name),
      url: textAt(template, 'template_url', longest.url),
    }))
  })
}

/** logistics/getCustomTemplateList: the areas of a courier, each with the number of the standard label over which it is laid. */
async function customAreas(call: Call, templateUrl: string): Promise<CustomArea[]> {
  const label = (await standardLabels(call)).find(({ url }) => url === templateUrl)
  if (!label) return []
  const logistics_code = codeOf(companyCodes, label.courier)
  const data = await dataOf(call, 'getCustomTemplateList', { logistics_code })
  return rowsAt(data, 'custom_template_data')
    .flatMap((of) => rowsAt(of, 'custom_template_infos'))
    .filter((area) => textAt(area, 'parent_template_id', longest.word) === label.id)
    .flatMap((area) => {
      const url = textAt(area, 'custom_template_url', longest.url)
      const id = textAt(area, 'custom_template_id', longest.word)
      return url === '' ? [] : [{ id, url, keys: keysAt(area, 'custom_template_key_list') }]
    })
}

/**
 * logistics/newCreateOrder, then logistics/waybillApply for the data of the labels. Orders are refused one by one, and the others have their
 * numbers then: the call is refused as a whole, and the same parcels get the same numbers when they are asked for alone. Numbers are
 * never given back here, because their pack_id would get the same cancelled number again.
 */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const { parcels } = request
  if (parcels.length > mostParcels)
    throw new PlatformError('rejected', 'one_parcel', `抖店一次最多取 ${mostParcels} 个号`)
  const asked = await createRequest(call, request)
  const data = await created(call, asked)
  const given = parcels.flatMap((parcel) => numbersIn(data, parcel))
  const [refused] = rowsAt(data, 'err_infos').map(refusalOf)
  if (refused) throw refused
  if (given.length < parcels.length)
    throw new PlatformError('retry', 'bad_answer', '抖店没有给出每个包裹的单号', { unclear: true })
  const sealed = await labelsOf(call, codeOf(companyCodes, request.courier), given)
  return given.map(({ key, mainNo, nos }) => {
    const labels = nos.map((waybillNo, at) => {
      const place = nos.length === 1 ? {} : { config: { packageNumber: `${at + 1}/${nos.length}` } }
      const label = {
        ...sealed.get(waybillNo),
        templateURL: request.templateUrl,
        addData: { senderInfo: printedSender(request.sender) },
        ...place,
      }
      return { waybillNo, printData: JSON.stringify(label) }
    })
    const [{ printData } = { printData: '' }] = labels
    return {
      ...{ key, waybillNo: mainNo, packages: nos.length === 1 ? [] : labels },
      ...{ printData, courierOrder: '' },
    }
  })
}

/** The whole call may fail too, with an error that may pass. */
async function created(call: Call, asked: Params): Promise<Fields> {
  try {
    return await dataOf(call, 'newCreateOrder', asked)
  } catch (error) {
    throw isRejected(error) && isPassing(error) ? afterNumber(error) : error
  }
}

const isRejected = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && error.kind === 'rejected'
const isPassing = ({ code }: PlatformError) => passingErrors.includes(/:(\d+)$/.exec(code)?.[1] ?? '')

/** The text does not name the trade: deliveries that are refused for one reason are counted by its text. */
function refusalOf(row: Fields): PlatformError {
  const code = textAt(row, 'err_code', longest.word)
  const words = `${code} · ${textAt(row, 'err_msg', longest.text)}`
  const isPassing = passingErrors.includes(code)
  return new PlatformError(isPassing ? 'retry' : 'rejected', code || 'unknown', words, { unclear: isPassing })
}

type Numbers = { key: string; mainNo: string; nos: string[] }

/** The numbers of a parcel; empty: the answer lacks one. */
function numbersIn(data: Fields, { key, packages }: ParcelAsked): Numbers[] {
  const rows = rowsAt(data, 'ebill_infos').filter((row) => textAt(row, 'pack_id', 20) === packIdOf(key))
  const [row] = rows
  if (!row || rows.length > 1) return []
  const mainNo = textAt(row, 'track_no', longest.word)
  const nos = numbersOf(textAt(row, 'sub_waybill_codes', packages * longest.word), mainNo, packages)
  return mainNo === '' || nos.length !== packages ? [] : [{ key, mainNo, nos }]
}

/**
 * logistics/waybillApply. Every failure is unclear, also a refusal: the numbers are given, and a repeated request must find them, so that none
 * is lost. The refusal of a call is taken for that of the first parcel, since each is asked for alone then.
 */
async function labelsOf(call: Call, logistics_code: string, given: readonly Numbers[]) {
  const labels = new Map<string, { encryptedData: string; signature: string }>()
  const nos = given.flatMap((parcel) => parcel.nos)
  for (const some of chunksOf(nos, mostNumbers)) {
    const waybill_applies = some.map((track_no) => ({ logistics_code, track_no }))
    const data = await dataOf(call, 'waybillApply', { waybill_applies }).catch((error: unknown) => {
      throw isRejected(error) && !isPassing(error) ? labelRefused(error, given[0]) : afterNumber(error)
    })
    for (const row of rowsAt(data, 'waybill_infos'))
      labels.set(textAt(row, 'track_no', longest.word), {
        encryptedData: textAt(row, 'print_data', longestPrintData),
        signature: textAt(row, 'sign', longest.text),
      })
    for (const row of rowsAt(data, 'err_infos')) refuseLabel(row, given)
  }
  const missing = nos.filter((no) => !labels.get(no)?.encryptedData)
  if (missing.length > 0)
    throw new PlatformError('retry', 'bad_answer', `抖店没有给出面单数据：${missing.join('、')}`, {
      unclear: true,
    })
  return labels
}

/** @throws {LabelRefused} if the error of this number does not pass. */
function refuseLabel(row: Fields, given: readonly Numbers[]): void {
  const code = textAt(row, 'err_code', longest.word)
  const no = textAt(row, 'track_no', longest.word)
  const parcel = given.find(({ nos }) => nos.includes(no))
  if (!parcel || passingErrors.includes(code)) return
  const words = [no, code, textAt(row, 'err_msg', longest.text)].filter(Boolean).join(' · ')
  throw labelRefused(new PlatformError('rejected', code || 'unknown', words), parcel)
}

const labelRefused = (error: PlatformError, parcel: Numbers | undefined) =>
  new LabelRefused(error, {
    waybillNo: parcel?.mainNo ?? '',
    packageNos: parcel && parcel.nos.length > 1 ? parcel.nos : [],
    courierOrder: '',
  })

/** logistics/cancelOrder. `success` false is a refusal: the parcel is under way. */
async function giveBack(call: Call, given: GivenWaybill): Promise<void> {
  const logistics_code = codeOf(companyCodes, given.courier)
  await eachNumber(given, async (track_no) => {
    const data = await dataOf(call, 'cancelOrder', { logistics_code, track_no })
    if (isTrueAt(fieldsAt(data, 'cancel_result'), 'success')) return
    throw new PlatformError('rejected', 'not_given_back', 'Douyin did not take the number back.')
  })
}

/**
 * The query with which the print client asks the platform for the key of the label, logistics/getShopKey. It has the shop's token, and its
 * signature ends after some minutes.
 */
function printFields(call: Call): Record<string, string> {
  const query = { param_json: '{}', ...signedQuery(call, 'logistics.getShopKey', '{}') }
  const params = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  return { params: params.join('&') }
}
