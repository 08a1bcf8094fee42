import { pageOnly } from '../core/http/http-contract.ts'
import { tabCounts } from '../core/lists/list-contract.ts'
import {
  documentDetail,
  documentFilter,
  documentList,
  documentListQuery,
  draftInput,
  madeDocument,
  movementList,
  newDocument,
  newWarehouse,
  reservationList,
  stockDetail,
  stockFilter,
  stockList,
  stockListQuery,
  stockSheet,
  stockSheetAnswer,
  warehouse,
  warehouseList,
  warehousePatch,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const inventoryApi = {
  'GET /stock': { query: stockListQuery, response: stockList },
  'GET /stock/:id': { response: stockDetail },
  'GET /stock/:id/movements': { query: pageOnly, response: movementList },
  'GET /stock/:id/reservations': { query: pageOnly, response: reservationList },
  'GET /stock/counts': { query: stockFilter, response: tabCounts },
  'GET /stock-documents': { query: documentListQuery, response: documentList },
  'GET /stock-documents/:id': { response: documentDetail },
  'GET /stock-documents/counts': { query: documentFilter, response: tabCounts },
  'POST /stock-documents': { body: newDocument, response: madeDocument },
  'POST /stock-documents/import': { body: stockSheet, response: stockSheetAnswer },
  'PUT /stock-documents/:id': { body: draftInput, response: documentDetail },
  'GET /warehouses': { response: warehouseList },
  'PATCH /warehouses/:id': { body: warehousePatch, response: warehouse },
  'POST /warehouses': { body: newWarehouse, response: warehouse },
}
