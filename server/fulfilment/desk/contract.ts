import Type, { type Static } from 'typebox'
import { nullable, timeAnswer } from '../../core/http/http-contract.ts'
import { printStarted } from '../printing/contract.ts'

const ofCode = Type.Object({ code: Type.String(), count: Type.Integer() })

export const facetsAnswer = Type.Object({
  /** All deliveries of the tab and the other filters. The filters by courier, shape and same goods are left out. */
  couriers: Type.Array(ofCode),
  /** The deliveries among them of the chosen courier. */
  shapes: Type.Array(ofCode),
  /** The commonest goods among them, within the chosen shape: one SKU in one quantity. */
  same: Type.Array(
    Type.Object({
      skuId: Type.String(),
      pieces: Type.Integer(),
      count: Type.Integer(),
      name: Type.String(),
      spec: Type.String(),
      pictureUrl: Type.String(),
    }),
  ),
})
export type DeskFacetsOut = Static<typeof facetsAnswer>

export const numberRunAnswer = Type.Object({
  run: nullable(
    Type.Object({
      startedAt: timeAnswer,
      total: Type.Integer(),
      open: Type.Integer(),
      taken: Type.Integer(),
      failed: Type.Integer(),
      reasons: Type.Array(
        Type.Object({
          code: Type.String(),
          message: Type.String(),
          count: Type.Integer(),
          /** The first hundred deliveries. */
          ids: Type.Array(Type.String()),
        }),
      ),
    }),
  ),
})
export type NumberRunOut = Static<typeof numberRunAnswer>

export const stopAnswer = Type.Object({ stopped: Type.Integer() })

export const openJobsAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      printer: Type.String(),
      reason: Type.String(),
      createdAt: timeAnswer,
      total: Type.Integer(),
      printed: Type.Integer(),
      waiting: Type.Integer(),
      /** 未确定: handed to the browser, without a word whether they came out. */
      spooled: Type.Integer(),
    }),
  ),
})
export type OpenPrintJobOut = Static<typeof openJobsAnswer>['rows'][number]

/** The most labels of a print job over a filter; the rest is printed by the next one. */
export const mostWhole = 2000
export const wholeStarted = Type.Object({
  ...printStarted.properties,
  /** True: there were more than the job takes. */
  more: Type.Boolean(),
})
