import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { type Fields, fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { callTop } from '../../connectors/taobao/client.ts'
import type {
  Branch,
  CustomArea,
  GivenWaybill,
  LabelTemplate,
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
  readTaken,
  rowsAt,
  takenOf,
  withPlainIds,
} from '../cloud-print.ts'
import { cainiaoCodes } from './couriers.ts'

/**
 * 菜鸟电子面单 (cainiao.waybill.ii.*): called like any TOP method, with the session of a Taobao shop. A masked receiver is found by oaid
 * and tid.
 */
export const cainiao: WaybillSource = {
  id: 'cainiao',
  name: { zh: '菜鸟电子面单', en: 'Cainiao waybills' },
  platforms: ['taobao'],
  couriers: cainiaoCodes,
  givesPackages: true,
  mostParcels: 10,
  unclear: 'look_up',
  service: { branches, templates: standardLabels, customAreas },
  take,
  lookUp,
  giveBack,
}

/** cainiao.waybill.ii.search: branches by courier. Direct couriers (cp_type 1) settle monthly and have no balance. */
async function branches(call: Call): Promise<Branch[]> {
  const { body } = await callTop(call, 'cainiao.waybill.ii.search', {})
  return rowsAt(body, 'waybill_apply_subscription_cols', 'waybill_apply_subscription_info').flatMap((of) => {
    const courier = courierOfCode(cainiaoCodes, textAt(of, 'cp_code', longest.word))
    if (courier === undefined) return []
    const monthly = textAt(of, 'cp_type', 4) === '1'
    return rowsAt(of, 'branch_account_cols', 'waybill_branch_account').map((branch) =>
      readBranch(branch, {
        courier,
        monthly,
        addresses: rowsAt(branch, 'shipp_address_cols', 'address_dto'),
        services: rowsAt(branch, 'service_info_cols', 'service_info_dto'),
      }),
    )
  })
}

/** cainiao.cloudprint.mystdtemplates.get: the labels that the seller uses, with their numbers. */
async function standardLabels(call: Call): Promise<(LabelTemplate & { id: string })[]> {
  const { body } = await callTop(call, 'cainiao.cloudprint.mystdtemplates.get', {})
  const result = fieldsAt(body, 'result')
  return rowsAt(result, 'datas', 'user_template_result').flatMap((of) => {
    const courier = courierOfCode(cainiaoCodes, textAt(of, 'cp_code', longest.word))
    if (courier === undefined) return []
    return rowsAt(of, 'user_std_templates', 'user_template_do').map((template) => ({
      courier,
      id: textAt(template, 'user_std_template_id', longest.word),
      name: textAt(template, 'user_std_template_name', longest.name),
      url: textAt(template, 'user_std_template_url', longest.url),
    }))
  })
}

/** cainiao.cloudprint.customares.get (so written): asks by the number of the standard label, which mystdtemplates.get names. */
async function customAreas(call: Call, templateUrl: string): Promise<CustomArea[]> {
  const label = (await standardLabels(call)).find(({ url }) => url === templateUrl)
  if (!label) return []
  const answer = await callTop(call, 'cainiao.cloudprint.customares.get', { template_id: label.id })
  return rowsAt(fieldsAt(answer.body, 'result'), 'datas', 'custom_area_result').flatMap((of) =>
    readArea(of, rowsAt(of, 'keys', 'key_result')),
  )
}

/** cainiao.waybill.ii.get: at most ten parcels. A masked receiver is named by oaid and tid. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const asked = {
    cp_code: codeOf(cainiaoCodes, request.courier),
    ...applyRequest(request, { taobao: 'TB' }, ({ receiver, receiverTid }) =>
      receiver.token ? { oaid: receiver.token, tid: receiverTid } : {},
    ),
  }
  const { body } = await callTop(call, 'cainiao.waybill.ii.get', {
    param_waybill_cloud_print_apply_new_request: withPlainIds(asked),
  })
  return takenOf(rowsAt(body, 'modules', 'waybill_cloud_print_response'), request)
}

/**
 * cainiao.waybill.ii.query.by.tradecode: a row for each package, with `success` false for a parcel that has no number. It does not name the
 * main numbers of several packages, which query.by.waybillcode does.
 */
async function lookUp(
  call: Call,
  { courier, parcels }: Pick<TakeRequest, 'courier' | 'parcels'>,
): Promise<TakenWaybill[]> {
  const param_list = JSON.stringify(
    parcels.map(({ key, tids }) => ({ biz_sub_code: tids[0] ?? '', object_id: key })),
  )
  const { body } = await callTop(call, 'cainiao.waybill.ii.query.by.tradecode', { param_list })
  const found = Map.groupBy(answersIn(body), ({ key }) => key)
  const several = parcels.filter(({ packages }) => packages > 1).flatMap(({ key }) => found.get(key) ?? [])
  const cp_code = codeOf(cainiaoCodes, courier)
  const named =
    several.length === 0
      ? []
      : answersIn(
          (
            await callTop(call, 'cainiao.waybill.ii.query.by.waybillcode', {
              param_list: JSON.stringify(
                several.map(({ key, no }) => ({ cp_code, object_id: key, waybill_code: no })),
              ),
            })
          ).body,
        )
  const whole = Map.groupBy(named, ({ key }) => key)
  return parcels.flatMap((parcel) => {
    const rows = (parcel.packages > 1 ? whole : found).get(parcel.key) ?? []
    return readTaken(
      parcel,
      rows.map(({ answer }) => answer),
    )
  })
}

/** The numbers that an answer names, each with the key of its request. */
const answersIn = (body: Fields) =>
  rowsAt(body, 'modules', 'waybill_cloud_print_with_result_desc_response').flatMap((row) => {
    const answer = fieldsAt(row, 'waybill_cloud_print_response')
    const no = textAt(answer, 'waybill_code', longest.word)
    return no === '' ? [] : [{ key: textAt(row, 'object_id', longest.word), no, answer }]
  })

/** cainiao.waybill.ii.cancel. `cancel_result` false is a refusal: the parcel is under way, or the number is not ours. */
async function giveBack(call: Call, given: GivenWaybill): Promise<void> {
  const cp_code = codeOf(cainiaoCodes, given.courier)
  await eachNumber(given, async (waybill_code) => {
    const { body } = await callTop(call, 'cainiao.waybill.ii.cancel', { cp_code, waybill_code })
    assertGivenBack(body, 'Cainiao')
  })
}
