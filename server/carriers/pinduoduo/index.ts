import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { callPop } from '../../connectors/pinduoduo/client.ts'
import { companyCodes } from '../../connectors/pinduoduo/couriers.ts'
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
  applyRequest,
  assertGivenBack,
  codeOf,
  eachNumber,
  readArea,
  readBranch,
  rowsAt,
  takenOf,
  withPlainIds,
} from '../cloud-print.ts'

/**
 * 拼多多电子面单 (pdd.waybill.*): called like any method of POP, with the token of a Pinduoduo shop. A masked receiver is found by the
 * order's number.
 */
export const pinduoduoWaybills: WaybillSource = {
  id: 'pinduoduo',
  name: { zh: '拼多多电子面单', en: 'Pinduoduo waybills' },
  platforms: ['pinduoduo'],
  couriers: companyCodes,
  givesPackages: true,
  mostParcels: 10,
  // No method finds numbers by order, and no document says that the same object_id gets the same number again.
  unclear: 'neither',
  service: { branches, templates: standardLabels, customAreas },
  take,
  giveBack,
}

/** pdd.waybill.search: branches by courier. Direct couriers (wp_type 1) settle monthly and have no balance. */
async function branches(call: Call): Promise<Branch[]> {
  const { body } = await callPop(call, 'pdd.waybill.search', {})
  return rowsAt(fieldsAt(body, 'pdd_waybill_search_response'), 'waybill_apply_subscription_cols').flatMap(
    (of) => {
      const courier = courierOfCode(companyCodes, textAt(of, 'wp_code', longest.word))
      if (courier === undefined) return []
      const monthly = textAt(of, 'wp_type', 4) === '1'
      return rowsAt(of, 'branch_account_cols').map((branch) =>
        readBranch(branch, {
          ...{ courier, monthly, addresses: rowsAt(branch, 'shipp_address_cols') },
          services: rowsAt(branch, 'service_info_cols'),
        }),
      )
    },
  )
}

/** pdd.cloudprint.stdtemplates.get: the labels of the platform, with their numbers. */
async function standardLabels(call: Call): Promise<(LabelTemplate & { id: string })[]> {
  const { body } = await callPop(call, 'pdd.cloudprint.stdtemplates.get', {})
  const result = fieldsAt(fieldsAt(body, 'pdd_cloudprint_stdtemplates_get_response'), 'result')
  return rowsAt(result, 'datas').flatMap((of) => {
    const courier = courierOfCode(companyCodes, textAt(of, 'wp_code', longest.word))
    if (courier === undefined) return []
    return rowsAt(of, 'standard_templates').map((template) => ({
      courier,
      id: textAt(template, 'standard_template_id', longest.word),
      name: textAt(template, 'standard_template_name', longest.name),
      url: textAt(template, 'standard_template_url', longest.url),
    }))
  })
}

/** pdd.cloudprint.customares.get (so written): asks by the number of the standard label, which stdtemplates.get names. */
async function customAreas(call: Call, templateUrl: string): Promise<CustomArea[]> {
  const label = (await standardLabels(call)).find(({ url }) => url === templateUrl)
  if (!label) return []
  const answer = await callPop(call, 'pdd.cloudprint.customares.get', { template_id: label.id })
  const areas = fieldsAt(fieldsAt(answer.body, 'pdd_cloudprint_customares_get_response'), 'result')
  return rowsAt(areas, 'datas').flatMap((of) => readArea(of, rowsAt(of, 'keys')))
}

/** pdd.waybill.get: at most ten parcels. A masked receiver is found by the order that it belongs to, also that of a copy. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const { body } = await callPop(call, 'pdd.waybill.get', {
    wp_code: codeOf(companyCodes, request.courier),
    param_waybill_cloud_print_apply_new_request: withPlainIds(
      applyRequest({ ...request, parcels: request.parcels.map(withOrder) }, { pinduoduo: 'PDD' }),
    ),
  })
  return takenOf(rowsAt(fieldsAt(body, 'pdd_waybill_get_response'), 'modules'), request)
}

/** pdd.waybill.cancel. `cancel_result` false is a refusal: the parcel is under way. */
async function giveBack(call: Call, given: GivenWaybill): Promise<void> {
  const wp_code = codeOf(companyCodes, given.courier)
  await eachNumber(given, async (waybill_code) => {
    const { body } = await callPop(call, 'pdd.waybill.cancel', { wp_code, waybill_code })
    assertGivenBack(fieldsAt(body, 'pdd_waybill_cancel_response'), 'Pinduoduo')
  })
}

const withOrder = (parcel: ParcelAsked): ParcelAsked =>
  parcel.receiver.name.includes('*') && !parcel.tids.includes(parcel.receiverTid)
    ? { ...parcel, platform: 'pinduoduo', tids: [parcel.receiverTid] }
    : parcel
