import Type from 'typebox'
import { waybillSources } from '../carriers/index.ts'
import { defineTaskKind } from '../core/tasks/kinds.ts'
import type { OpenedShop } from '../shops/calls.ts'
import { countNumbers } from './waybills/count.ts'

const nothing = Type.Object({}, { additionalProperties: false })

export const countingNumbers = defineTaskKind<OpenedShop, typeof nothing>({
  kind: 'count_waybills',
  name: { zh: '核对电子面单', en: 'Count waybill numbers' },
  params: nothing,
  defaultSchedule: { cron: '20 3 * * *', timeZone: 'Asia/Shanghai' },
  applies: ({ platform }) => waybillSources.some(({ platforms }) => platforms.includes(platform)),
  run: (context) => countNumbers(context),
})
