import { exactCount, outcomes, tabCounts } from '../core/lists/list-contract.ts'
import {
  courierList,
  deliveryFilter,
  deliveryList,
  deliveryListQuery,
  waybillInput,
  waybillReport,
  waybillSheet,
} from './contract.ts'
import {
  interceptFilter,
  interceptList,
  interceptListQuery,
  putBackFilter,
  putBackList,
  putBackListQuery,
  scanInput,
} from './intercepts/aftersale-contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const fulfilmentApi = {
  'GET /couriers': { response: courierList },
  'GET /deliveries': { query: deliveryListQuery, response: deliveryList },
  'GET /deliveries/count': { query: deliveryFilter, response: exactCount },
  'GET /deliveries/counts': { query: deliveryFilter, response: tabCounts },
  'POST /deliveries/import': { body: waybillSheet, response: waybillReport },
  'POST /deliveries/waybills': { body: waybillInput, response: outcomes },
  'GET /intercepts': { query: interceptListQuery, response: interceptList },
  'GET /intercepts/count': { query: interceptFilter, response: exactCount },
  'GET /intercepts/counts': { query: interceptFilter, response: tabCounts },
  'GET /put-backs': { query: putBackListQuery, response: putBackList },
  'GET /put-backs/count': { query: putBackFilter, response: exactCount },
  'GET /put-backs/counts': { query: putBackFilter, response: tabCounts },
  'POST /put-backs/scan': { body: scanInput, response: outcomes },
}
