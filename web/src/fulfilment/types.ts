import type { Static } from 'typebox'
import type {
  courierList,
  DeliveryView,
  WaybillReport as Report,
} from '../../../server/fulfilment/contract.ts'
import type {
  DeskFacetsOut,
  NumberRunOut,
  OpenPrintJobOut,
} from '../../../server/fulfilment/desk/contract.ts'
import type { InterceptView, PutBackView } from '../../../server/fulfilment/intercepts/aftersale-contract.ts'
import type { PrintJobOut } from '../../../server/fulfilment/printing/contract.ts'
import type {
  WaybillAccountOut,
  WaybillServiceOut,
  WaybillSourceOut,
} from '../../../server/fulfilment/waybills/contract.ts'
import type {
  WaybillRules as RulesOut,
  WaybillDryRun as TriedOut,
} from '../../../server/fulfilment/waybills/rule-contract.ts'
import type { Json } from '../ui/base/json.ts'
import type { RunEnd } from './print-run.ts'

export type DeliveryRow = Json<DeliveryView>
export type WaybillReport = Json<Report>
export type Couriers = Json<Static<typeof courierList>>
export type InterceptRow = Json<InterceptView>
export type WaybillAccount = Json<WaybillAccountOut>
export type OwnSource = Json<WaybillSourceOut>
export type WaybillService = Json<WaybillServiceOut>
export type WaybillRules = Json<RulesOut>
export type WaybillDryRun = Json<TriedOut>
export type PrintJob = Json<PrintJobOut>
export type OpenPrintJob = Json<OpenPrintJobOut>
export type DeskFacets = Json<DeskFacetsOut>
export type NumberRun = NonNullable<Json<NumberRunOut>['run']>
export type PutBackRow = Json<PutBackView>

export type PrintingJob = { id: string; total: number }

export type PrintDialogState =
  | { step: 'choose' }
  | { step: 'printing'; job: PrintingJob; printed: number }
  /** `lastSheet`: the place of the last label in the browser's print dialog; 0: the browser has printed none. */
  | {
      step: 'ended'
      job: PrintingJob
      printed: number
      end: RunEnd
      message: string
      lastSheet: number
      rows?: PrintJob['rows']
    }
