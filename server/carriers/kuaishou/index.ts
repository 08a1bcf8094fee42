import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { type Fields, fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { failureWords } from '../../connectors/gateway.ts'
import { askKuaishou, sendToKuaishou } from '../../connectors/kuaishou/client.ts'
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
import { codeOf, countAt, eachNumber, keysAt, longestPrintData, rowsAt } from '../cloud-print.ts'
import { companyLetters } from './couriers.ts'
import { createRequest, printedSender, requestIdOf, type Site } from './requests.ts'
import { givenBackWords, servicesOfBranch } from './unverified.ts'

/** The most parcels of one open.express.ebill.get. */
const mostParcels = 10

/**
 * 快手电子面单 (open.express.*): called like any method of 快手, with the token of its shop. The receiver is named by the ciphertext of the order. A
 * parcel of an order gets the same number again under the same `packageCode`, with the data of its label.
 */
export const kuaishouWaybills: WaybillSource = {
  id: 'kuaishou',
  name: { zh: '快手电子面单', en: 'Kuaishou waybills' },
  platforms: ['kuaishou'],
  platformOrdersOnly: true,
  couriers: companyLetters,
  givesPackages: true,
  mostParcels,
  unclear: 'same_number',
  service: { branches, templates: standardLabels, customAreas },
  take,
  giveBack,
}

/** expressCompanyType 1, 直营: the courier is paid each month, and has no balance. */
const monthlyType = '1'

/** open.express.subscribe.query: the branches of one courier, or of all. */
async function sitesOf(call: Call, courier?: string): Promise<(Branch & { site: Site })[]> {
  const asked = courier === undefined ? {} : { expressCompanyCode: codeOf(companyLetters, courier) }
  const { body } = await sendToKuaishou(call, 'open.express.subscribe.query', asked)
  return rowsAt(body, 'data').flatMap((of) => {
    const found = courierOfCode(companyLetters, textAt(of, 'expressCompanyCode', longest.word))
    return found === undefined ? [] : [branchIn(of, found)]
  })
}

function branchIn(of: Fields, courier: string): Branch & { site: Site } {
  const isMonthly = textAt(of, 'expressCompanyType', 4) === monthlyType
  const code = textAt(of, 'netSiteCode', longest.word)
  const name = textAt(of, 'netSiteName', longest.name)
  const account = textAt(of, 'settleAccount', longest.word)
  return {
    courier,
    branchCode: (isMonthly && account) || code || account,
    branchName: name || account,
    balance: isMonthly ? null : countAt(of, 'availableQuantity'),
    used: countAt(of, 'allocatedQuantity'),
    returned: countAt(of, 'cancelQuantity'),
    addresses: rowsAt(of, 'senderAddress').map((address) => ({
      province: textAt(address, 'provinceName', longest.word),
      city: textAt(address, 'cityName', longest.word),
      district: textAt(address, 'districtName', longest.word),
      town: textAt(address, 'streetName', longest.word),
      detail: textAt(address, 'detailAddress', longest.address),
    })),
    services: [...servicesOfBranch],
    site: { isMonthly, code, name, account },
  }
}

async function branches(call: Call): Promise<Branch[]> {
  return (await sitesOf(call)).map(({ site: _site, ...branch }) => branch)
}

/** open.express.standard.template.list.get: the labels of the platform, with their codes. */
async function standardLabels(call: Call): Promise<(LabelTemplate & { code: string })[]> {
  const { body } = await sendToKuaishou(call, 'open.express.standard.template.list.get', {})
  return rowsAt(body, 'data').flatMap((of) => {
    const courier = courierOfCode(companyLetters, textAt(of, 'expressCompanyCode', longest.word))
    const url = textAt(of, 'templateUrl', longest.url)
    if (courier === undefined || url === '') return []
    const code = textAt(of, 'templateCode', longest.word)
    return [{ courier, code, name: textAt(of, 'templateName', longest.name), url }]
  })
}

/** `type` of open.express.custom.tempate.list.query (so written): the areas that the seller has designed. */
const ofSeller = 1

/** open.express.custom.tempate.list.query: the areas over a standard label, each with its keys. */
async function customAreas(call: Call, templateUrl: string): Promise<CustomArea[]> {
  const label = (await standardLabels(call)).find(({ url }) => url === templateUrl)
  if (!label) return []
  const { body } = await askKuaishou(call, 'open.express.custom.tempate.list.query', {
    standardTemplateCode: label.code,
    type: ofSeller,
  })
  return rowsAt(body, 'data').flatMap((of) => {
    const url = textAt(of, 'customTemplateUrl', longest.url)
    const id = textAt(of, 'customTemplateCode', longest.word)
    return url === '' ? [] : [{ id, url, keys: keysAt(of, 'placeholderKeys') }]
  })
}

/**
 * open.express.ebill.get. Parcels are refused one by one, and the others have their numbers then: the call is refused as a whole, and the same
 * parcels get the same numbers when they are asked for alone. Numbers are never given back here, because what their `packageCode` gets
 * afterwards is not known.
 */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const { parcels } = request
  if (parcels.length > mostParcels)
    throw new PlatformError('rejected', 'one_parcel', `快手一次最多取 ${mostParcels} 个号`)
  const asked = await createRequest(call, request, await siteOf(call, request))
  const { body } = await sendToKuaishou(call, 'open.express.ebill.get', asked)
  const answers = Map.groupBy(rowsAt(body, 'data'), (row) => textAt(row, 'requestId', 2 * longest.word))
  const answered = parcels.map((parcel) => ({ parcel, rows: answers.get(requestIdOf(parcel)) ?? [] }))
  for (const { rows } of answered) rows.forEach(refuse)
  const taken = answered.flatMap(({ parcel, rows }) => takenIn(parcel, request, rows))
  if (taken.length === parcels.length) return taken
  throw new PlatformError('retry', 'bad_answer', '快手没有给出每个包裹的单号和面单', { unclear: true })
}

/** The account's branch as the shop is subscribed to it now: a franchise is named by code and name. */
async function siteOf(call: Call, { courier, branchCode }: TakeRequest): Promise<Site> {
  const found = (await sitesOf(call, courier)).find(
    (branch) => branch.courier === courier && branch.branchCode === branchCode,
  )
  if (found) return found.site
  throw new PlatformError('rejected', 'parameter', '店铺没有订购这个网点，在电子面单账号里重选网点')
}

/**
 * The text does not name the trade: deliveries that are refused for one reason are counted by its text.
 * @throws {PlatformError} for a parcel that was refused; unclear if the service failed. A row that says nothing refuses nothing.
 */
function refuse(row: Fields): void {
  const said = fieldsAt(row, 'baseResponse')
  const [code, message] = [textAt(said, 'result', longest.word), textAt(said, 'message', longest.text)]
  const isRefused = code === '' ? said['success'] === false : code !== '1'
  if (!isRefused || rowsAt(row, 'data').length > 0) return
  const passing = failureWords.test(message)
  throw new PlatformError(
    passing ? 'retry' : 'rejected',
    code || 'unknown',
    [code, message].filter(Boolean).join(' · '),
    { unclear: passing },
  )
}

/** The numbers of a parcel, a row for each package, all with their labels; empty: the answer lacks one. */
function takenIn({ key, packages: count }: ParcelAsked, request: TakeRequest, answers: readonly Fields[]) {
  const rows = answers.flatMap((answer) => rowsAt(answer, 'data'))
  const labels = rows.map((row) => ({
    waybillNo: textAt(row, 'waybillCode', longest.word),
    printData: labelOf(row, request),
  }))
  const parents = rows.flatMap((row) => textAt(row, 'parentWaybillCode', longest.word) || [])
  const [first] = labels
  const waybillNo = count === 1 ? first?.waybillNo : parents[0]
  const isWhole =
    answers.length === 1 &&
    new Set(labels.map((label) => label.waybillNo)).size === count &&
    labels.every((label) => label.waybillNo !== '' && label.printData !== '')
  if (!first || !waybillNo || !isWhole) return []
  const packages = count === 1 ? [] : labels
  return [{ key, waybillNo, packages, printData: first.printData, courierOrder: '' }]
}

/** The label as the print client wants it; empty: the row lacks its data. The number is named beside it. */
function labelOf(row: Fields, { templateUrl, sender }: TakeRequest): string {
  const encryptedData = textAt(row, 'printData', longestPrintData)
  if (encryptedData === '') return ''
  return JSON.stringify({
    waybillCode: textAt(row, 'waybillCode', longest.word),
    encryptedData,
    signature: textAt(row, 'signature', longest.text),
    key: textAt(row, 'key', longest.text),
    ver: textAt(row, 'version', longest.word),
    templateURL: templateUrl,
    addData: { senderInfo: printedSender(sender) },
  })
}

/** open.express.ebill.cancel: a call that reads, by its verb. */
async function giveBack(call: Call, given: GivenWaybill): Promise<void> {
  const expressCompanyCode = codeOf(companyLetters, given.courier)
  await eachNumber(given, async (waybillCode) => {
    await askKuaishou(call, 'open.express.ebill.cancel', { expressCompanyCode, waybillCode }).catch(
      (error: unknown) => {
        const isDone =
          error instanceof PlatformError && error.kind === 'rejected' && givenBackWords.test(error.message)
        if (!isDone) throw error
      },
    )
  })
}
