import type { CourierNames } from '../connectors/couriers.ts'
import { type Fields, fieldsIn, listAt, longest, textAt } from '../connectors/fields.ts'
import { yuanFromFen } from '../lib/money.ts'
import { PlatformError } from '../lib/platform-error.ts'
import type {
  Address,
  Branch,
  CustomArea,
  GivenWaybill,
  ParcelAsked,
  Sender,
  TakenWaybill,
  TakeRequest,
} from './carrier.ts'
import { type CourierService, cashOnDeliveryOf, insuranceOf, toDoorOf } from './services-contract.ts'

// 云打印: the request and the answer that Cainiao's service and those made after it have in common.

/** Longest print data that is kept. The documents give no limit; a label has some 2 to 6 KB. */
export const longestPrintData = 64_000

/** Returns the source's code of our courier. @throws {PlatformError} if it has none. */
export function codeOf(codes: CourierNames, courier: string): string {
  const code = Object.entries(codes).find(([ours]) => ours === courier)?.[1]
  if (code === undefined)
    throw new PlatformError('rejected', 'courier_code', `This source has no courier ${courier}.`)
  return code
}

/**
 * The request for numbers. `object_id` is our key; the package id keeps parcels of one trade apart. `recipientOf` gives what a source wants
 * of the receiver beside name, phones and address.
 */
export function applyRequest(
  request: TakeRequest,
  channels: Readonly<Record<string, string>>,
  recipientOf: (parcel: ParcelAsked) => object = () => ({}),
) {
  return {
    sender: senderOf(request.sender),
    need_encrypt: true,
    trade_order_info_dtos: request.parcels.map((parcel) => ({
      object_id: parcel.key,
      ...servicesOf(parcel, request.services),
      order_info: {
        order_channels_type: channels[parcel.platform] ?? 'OTHERS',
        trade_order_list: parcel.tids,
      },
      package_info: packageOf(parcel),
      recipient: { ...personOf(parcel), ...recipientOf(parcel) },
      template_url: request.templateUrl,
      user_id: request.sellerId,
    })),
  }
}

/** `logistics_services` is JSON: an object by the codes of the branch, with a value in yuan where the service has one. */
function servicesOf({ codFen, insuredFen, toDoor }: ParcelAsked, services: TakeRequest['services']) {
  const asked = {
    ...(codFen === null ? {} : { [cashOnDeliveryOf(services)]: { value: yuanFromFen(codFen) } }),
    ...(insuredFen === null
      ? {}
      : { [serviceCode(insuranceOf(services))]: { value: yuanFromFen(insuredFen) } }),
    ...(toDoor ? { [serviceCode(toDoorOf(services))]: {} } : {}),
  }
  return Object.keys(asked).length === 0 ? {} : { logistics_services: JSON.stringify(asked) }
}

/** @throws {PlatformError} if the branch has no such service. */
export function serviceCode(code: string): string {
  if (code === '') throw new PlatformError('rejected', 'no_service', '网点没有开通要求的送货上门或保价')
  return code
}

/** Reads the services of a branch. Without a code it cannot be asked for. */
const readServices = (rows: readonly Fields[]): CourierService[] =>
  rows
    .map((row) => ({
      code: textAt(row, 'service_code', longest.word),
      name: textAt(row, 'service_name', longest.name),
    }))
    .filter(({ code }) => code !== '')

/** `user_id` is a number of up to 19 digits, which a JavaScript number would round: it is written as it is. */
export const withPlainIds = (asked: unknown) =>
  JSON.stringify(asked).replace(/"user_id":"(\d{1,19})"/g, '"user_id":$1')

/** The answer must name every package of every parcel once. Otherwise it is unclear which numbers were given. */
export function takenOf(rows: readonly Fields[], { parcels }: Pick<TakeRequest, 'parcels'>): TakenWaybill[] {
  const byKey = Map.groupBy(rows, (row) => textAt(row, 'object_id', longest.word))
  const taken = parcels.flatMap((parcel) => readTaken(parcel, byKey.get(parcel.key) ?? []))
  const named = parcels.reduce((sum, { packages }) => sum + packages, 0)
  if (taken.length === parcels.length && rows.length === named) return taken
  throw new PlatformError('retry', 'bad_answer', 'The source did not name a number for every parcel.', {
    unclear: true,
  })
}

/** Reads the rows of a parcel, one for each package; they are incomplete unless each has a number, and several a main number. */
export function readTaken({ key, packages: count }: ParcelAsked, rows: readonly Fields[]): TakenWaybill[] {
  const packages = rows.map((row) => ({
    waybillNo: textAt(row, 'waybill_code', longest.word),
    printData: textAt(row, 'print_data', longestPrintData),
  }))
  const [first] = packages
  const mainNo =
    count === 1
      ? first?.waybillNo
      : rows.map((row) => textAt(row, 'parent_waybill_code', longest.word)).find((no) => no !== '')
  const isComplete =
    new Set(packages.map(({ waybillNo }) => waybillNo)).size === count &&
    packages.every(({ waybillNo }) => waybillNo !== '')
  if (!first || !mainNo || !isComplete) return []
  const { printData } = first
  return [{ key, waybillNo: mainNo, packages: count === 1 ? [] : packages, printData, courierOrder: '' }]
}

/**
 * Returns the numbers of all packages. `listed` has the sub-numbers with commas: of all packages, or of those after the first, which then has the
 * main number. Another count is an incomplete answer.
 */
export function numbersOf(listed: string, mainNo: string, packages: number): string[] {
  const children = packages === 1 ? [] : listed.split(',').flatMap((no) => no.trim() || [])
  return children.length === packages ? children : [mainNo, ...children.filter((no) => no !== mainNo)]
}

/**
 * The failure of a call after the number was given, also a refusal: it is unclear, because the request is repeated and finds the number. An ended
 * token is still one, so that it is renewed first.
 */
export function afterNumber(error: unknown): unknown {
  if (!(error instanceof PlatformError)) return error
  const { kind, code, message, waitMs, requestId } = error
  return new PlatformError(kind === 'reauthorise' ? kind : 'retry', code, message, {
    ...{ unclear: true, waitMs, requestId, cause: error },
  })
}

/** Gives back each package by its number, one after another: no document says that the main number gives back all. */
export async function eachNumber(
  { waybillNo, packageNos }: GivenWaybill,
  cancel: (no: string) => Promise<void>,
): Promise<void> {
  for (const no of packageNos.length > 0 ? packageNos : [waybillNo]) await cancel(no)
}

type BranchParts = {
  courier: string
  /** True: the courier is paid each month, so there is no balance. */
  monthly: boolean
  /** The rows of its senders. */
  addresses: readonly Fields[]
  services: readonly Fields[]
}

export const readBranch = (of: Fields, { courier, monthly, addresses, services }: BranchParts): Branch => ({
  courier,
  branchCode: textAt(of, 'branch_code', longest.word),
  branchName: textAt(of, 'branch_name', longest.name),
  balance: monthly ? null : countAt(of, 'quantity'),
  used: countAt(of, 'allocated_quantity'),
  returned: countAt(of, 'cancel_quantity'),
  addresses: addresses.map(readAddress),
  services: readServices(services),
})

/** @throws {PlatformError} if the number was not taken back. */
export function assertGivenBack(answer: Fields, source: string): void {
  if (textAt(answer, 'cancel_result', 8) === 'true') return
  throw new PlatformError('rejected', 'not_given_back', `${source} did not take the number back.`, {
    requestId: textAt(answer, 'request_id', longest.word),
  })
}

const readAddress = (of: Fields): Address => ({
  province: textAt(of, 'province', longest.word),
  city: textAt(of, 'city', longest.word),
  district: textAt(of, 'district', longest.word),
  town: textAt(of, 'town', longest.word),
  detail: textAt(of, 'detail', longest.address),
})

/** `keys`: the rows with the names of the area's keys. An area without an address cannot be printed and is left out. */
export function readArea(of: Fields, keys: readonly Fields[]): CustomArea[] {
  const url = textAt(of, 'custom_area_url', longest.url)
  const names = keys.map((key) => textAt(key, 'key_name', longest.word)).filter((name) => name !== '')
  return url === ''
    ? []
    : [{ id: textAt(of, 'custom_area_id', longest.word), url, keys: [...new Set(names)] }]
}

/** Returns the rows of a list in an answer; `inner`: the name that some platforms give to its elements. Elements that are no rows are left out. */
export const rowsAt = (of: Fields, key: string, inner = key): Fields[] =>
  fieldsIn(listAt(of, key, inner), key, [])

/** Returns the keys of a custom area, where a list has them as texts. */
export const keysAt = (of: Fields, key: string): string[] => [
  ...new Set(listAt(of, key, '').filter((each) => typeof each === 'string')),
]

/** Returns a count, also one given as text; 0 if it is missing or negative, which means *not counted*. */
export function countAt(of: Fields, key: string): number {
  const text = textAt(of, key, 12)
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

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

const packageOf = ({ key, goods, packages, weightG }: ParcelAsked) => ({
  id: key,
  ...(packages === 1 ? {} : { total_packages_count: packages }),
  items: goods.slice(0, 100).map(({ name, quantity }) => ({ name, count: quantity })),
  ...(weightG === null ? {} : { weight: weightG }),
})

const personOf = ({ receiver }: ParcelAsked) => ({
  name: receiver.name,
  ...(receiver.mobile ? { mobile: receiver.mobile } : {}),
  ...(receiver.phone ? { phone: receiver.phone } : {}),
  address: addressOf({ ...receiver, detail: receiver.address }),
})
