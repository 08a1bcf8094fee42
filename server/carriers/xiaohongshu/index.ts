import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { type Fields, fieldsAt, longest, textAt, wholeAt } from '../../connectors/fields.ts'
import { failureWords } from '../../connectors/gateway.ts'
import { askXiaohongshu } from '../../connectors/xiaohongshu/client.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type {
  Branch,
  CustomArea,
  GivenWaybill,
  LabelTemplate,
  TakenWaybill,
  TakeRequest,
  WaybillSource,
} from '../carrier.ts'
import { codeOf, countAt, keysAt, longestPrintData, rowsAt } from '../cloud-print.ts'
import { billVersion, createRequest, type Site } from './requests.ts'
import { givenBackWords, servicesOfBranch, waybillCodes } from './unverified.ts'

/**
 * 小红书电子面单 (express.*Ebill*): called like any method of 小红书, with the token of its shop. Ten parcels fit into a call, which refuses them one by
 * one; what a repeated `objectId` gets is not known. So a call has one parcel, and no number is given beside a refusal.
 */
export const xiaohongshuWaybills: WaybillSource = {
  id: 'xiaohongshu',
  name: { zh: '小红书电子面单', en: 'Xiaohongshu waybills' },
  platforms: ['xiaohongshu'],
  platformOrdersOnly: true,
  couriers: waybillCodes,
  givesPackages: false,
  mostParcels: 1,
  unclear: 'neither',
  service: { branches, templates, customAreas },
  take,
  giveBack,
}

/** cpType 1, 直营: the courier is paid each month, and has no balance. */
const monthlyType = '1'

/** express.queryEbillSubscribes: the branches of one courier, or of all. */
async function sitesOf(call: Call, courier?: string): Promise<(Branch & { site: Site })[]> {
  const asked = courier === undefined ? {} : { cpCode: codeOf(waybillCodes, courier) }
  const { data } = await askXiaohongshu(call, 'express.queryEbillSubscribes', {
    ...{ billVersion, needUsage: true, ...asked },
  })
  return rowsAt(data, 'subscribeList').flatMap((of) => {
    const found = courierOfCode(waybillCodes, textAt(of, 'cpCode', longest.word))
    return found === undefined ? [] : [branchIn(of, found)]
  })
}

function branchIn(of: Fields, courier: string): Branch & { site: Site } {
  const isMonthly = textAt(of, 'cpType', 4) === monthlyType
  const [branch, customer] = [
    textAt(of, 'branchCode', longest.word),
    textAt(of, 'customerCode', longest.word),
  ]
  const brand = textAt(of, 'brandCode', longest.word)
  const usage = fieldsAt(of, 'usage')
  return {
    courier,
    branchCode: (isMonthly ? customer : branch) || branch || customer,
    branchName: textAt(of, 'branchName', longest.name) || textAt(of, 'cpName', longest.name),
    balance: isMonthly ? null : countAt(usage, 'quantity'),
    used: countAt(usage, 'allocatedQuantity'),
    returned: countAt(usage, 'cancelQuantity'),
    addresses: rowsAt(of, 'senderAddressList').map((sender) => addressIn(fieldsAt(sender, 'address'))),
    services: [...servicesOfBranch],
    site: { isMonthly, branch, customer, brand },
  }
}

const addressIn = (of: Fields) => ({
  province: textAt(of, 'province', longest.word),
  city: textAt(of, 'city', longest.word),
  district: textAt(of, 'district', longest.word),
  town: textAt(of, 'town', longest.word),
  detail: textAt(of, 'detail', longest.address),
})

async function branches(call: Call): Promise<Branch[]> {
  return (await sitesOf(call)).map(({ site: _site, ...branch }) => branch)
}

/** express.queryEbillTemplates without `type`: the labels of the platform. */
async function standardLabels(call: Call, more: { brandCode?: string } = {}): Promise<Template[]> {
  const { data } = await askXiaohongshu(call, 'express.queryEbillTemplates', { billVersion, ...more })
  return rowsAt(data, 'templateList').flatMap((of) => {
    const courier = courierOfCode(waybillCodes, textAt(of, 'cpCode', longest.word))
    const [id, url] = [
      wholeAt(of, 'id', 1, Number.MAX_SAFE_INTEGER),
      textAt(of, 'standardTemplateUrl', longest.url),
    ]
    if (courier === undefined || id === null || url === '') return []
    return [{ courier, id, name: textAt(of, 'templateName', longest.name), url }]
  })
}
type Template = LabelTemplate & { id: number }

async function templates(call: Call): Promise<LabelTemplate[]> {
  return (await standardLabels(call)).map(({ id: _id, ...label }) => label)
}

/** The templates of the merchant (`type` ark) over a standard label: its area, with its keys. */
async function customAreas(call: Call, templateUrl: string): Promise<CustomArea[]> {
  const { data } = await askXiaohongshu(call, 'express.queryEbillTemplates', { billVersion, type: 'ark' })
  return rowsAt(data, 'templateList').flatMap((of) => {
    const url = textAt(of, 'customerTemplateUrl', longest.url)
    if (url === '' || textAt(of, 'standardTemplateUrl', longest.url) !== templateUrl) return []
    return [{ id: textAt(of, 'id', longest.word), url, keys: keysAt(of, 'customerPrintItems') }]
  })
}

/** express.createEbillOrders. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const { courier, parcels } = request
  const [parcel] = parcels
  if (!parcel || parcels.length > 1) throw new PlatformError('rejected', 'one_parcel', '小红书一次取一个号')
  const found = (await sitesOf(call, courier)).find(({ branchCode }) => branchCode === request.branchCode)
  if (!found)
    throw new PlatformError('rejected', 'parameter', '店铺没有订购这个网点，在电子面单账号里重选网点')
  const label = (await standardLabels(call)).find(
    (one) => one.courier === courier && one.url === request.templateUrl,
  )
  if (!label) throw new PlatformError('rejected', 'parameter', '平台没有这张面单，在电子面单账号里重选面单')
  const { data } = await askXiaohongshu(
    call,
    'express.createEbillOrders',
    createRequest(request, found.site, label.id),
  )
  const row = rowsAt(data, 'wayBillList').find((one) => textAt(one, 'objectId', longest.word) === parcel.key)
  if (row) refuse(row)
  const [waybillNo, printData] = [
    textAt(row ?? {}, 'waybillCode', longest.word),
    textAt(row ?? {}, 'printData', longestPrintData),
  ]
  if (waybillNo === '' || printData === '')
    throw new PlatformError('retry', 'bad_answer', '小红书没有给出单号和面单', { unclear: true })
  return [{ key: parcel.key, waybillNo, packages: [], printData, courierOrder: '' }]
}

/** @throws {PlatformError} for a parcel that was refused; unclear if the service failed. */
function refuse(row: Fields): void {
  const [code, message] = [textAt(row, 'errorCode', longest.word), textAt(row, 'errorMsg', longest.text)]
  if (row['success'] !== false) return
  const passing = failureWords.test(message)
  const words = [code, message].filter(Boolean).join(' · ')
  throw new PlatformError(passing ? 'retry' : 'rejected', code || 'unknown', words, { unclear: passing })
}

/** express.cancelEbillOrder. */
async function giveBack(call: Call, { courier, waybillNo }: GivenWaybill): Promise<void> {
  const asked = { billVersion, cpCode: codeOf(waybillCodes, courier), waybillCode: waybillNo }
  await askXiaohongshu(call, 'express.cancelEbillOrder', asked).catch((error: unknown) => {
    const isDone =
      error instanceof PlatformError && error.kind === 'rejected' && givenBackWords.test(error.message)
    if (!isDone) throw error
  })
}
