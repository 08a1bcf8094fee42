import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type PaperTemplate, papersOfOrders } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { get } from '../../api.ts'
import { useSay } from '../../words.ts'
import type { PaperData } from './layout/items.ts'
import { binLabelData, goodsLabelData } from './layout/tag-data.ts'
import { type DeliveryOnPaper, deliveryData, handoverData, pickListData, picksOf } from './paper-data.ts'
import { papersQuery } from './paper-queries.ts'
import { usePaperNames } from './use-names.ts'

/**
 * 用真单看: the deliveries that the preview shows. The newest one is chosen first; pick lists and manifests show the newest ones together.
 * Without any a made-up one is shown.
 */
export function useSample(template: PaperTemplate): { data: PaperData; choice: React.ReactNode } {
  const say = useSay()
  const names = usePaperNames()
  const [chosen, setChosen] = useState('')
  const { rows } = useNewest()
  const [newest = madeUp] = rows
  const isPresent = chosen === asPresent && papersOfOrders.has(template.kind)
  const one = isPresent ? { ...newest, isPresent } : (rows.find(({ id }) => id === chosen) ?? newest)
  const isOfMany = template.kind === 'pick_list' || template.kind === 'handover'
  return {
    data: sampleData(template, { one, rows, names }),
    choice: !isOfMany && (
      <label className="row">
        <span className="t2">{say(['用真单看', 'Show with'])}</span>
        <select
          className="input paper-sample"
          value={isPresent ? asPresent : one.id}
          onChange={(event) => setChosen(event.target.value)}
        >
          {rows.map(({ id, orderNo }) => (
            <option key={id} value={id}>
              {id === '' ? say(['样单', 'a sample']) : orderNo}
            </option>
          ))}
          {papersOfOrders.has(template.kind) && (
            <option value={asPresent}>{say(['当送礼订单看', 'as a present'])}</option>
          )}
        </select>
      </label>
    ),
  }
}

/** The newest deliveries, as papers show them; a made-up one if there is none. */
export function useNewest(): { rows: readonly DeliveryOnPaper[] } {
  const newest = useQuery({
    queryKey: ['/deliveries', 'newest'],
    queryFn: () => get('/deliveries', { tab: 'all', limit: 12 }),
  })
  const found = useQuery(papersQuery((newest.data?.rows ?? []).map(({ id }) => id)))
  return { rows: found.data?.rows.length ? found.data.rows : [madeUp] }
}

/** The choice that shows the newest delivery as a present. */
const asPresent = 'present'

type Sample = {
  one: DeliveryOnPaper
  rows: readonly DeliveryOnPaper[]
  names: ReturnType<typeof usePaperNames>
}

function sampleData(template: PaperTemplate, { one, rows, names }: Sample): PaperData {
  const [goods] = one.goods
  switch (template.kind) {
    case 'pick_list': {
      const lines = picksOf(rows)
      return pickListData({ no: 'W-0001', about: `${rows.length} · ${lines.length}`, lines }, template, names)
    }
    case 'handover':
      return handoverData(
        {
          ...{ courier: names.courier(one.courier), day: '2026-11-28', warehouse: one.warehouse },
          parcels: rows.map(({ waybillNo, orderNo, pieces }) => ({
            waybillNo,
            packageCount: 1,
            orderNo,
            pieces,
            weightGrams: 420,
          })),
        },
        template,
        names,
      )
    case 'goods_label':
      return goodsLabelData({
        code: goods?.code ?? '',
        name: goods?.name ?? '',
        spec: goods?.spec ?? '',
        barcode: '',
      })
    case 'bin_label':
      return binLabelData({ code: goods?.bin || 'A-03-12', warehouse: one.warehouse })
    default:
      return deliveryData(one, template, names)
  }
}

const line = (code: string, name: string, spec: string, bin: string) => ({
  ...{ skuId: null, code, name, spec, bin, route: null, quantity: 1, priceFen: 9900 },
})
const madeUpGoods = [
  line('SX-001', '60支长绒棉四件套', '雾蓝 1.8m', 'A-03-12'),
  line('RJ-014', '泰国乳胶枕', '标准款', 'B-01-04'),
  line('YJ-103', '加厚浴巾三件套', '米白', 'B-02-11'),
]
const madeUp: DeliveryOnPaper = {
  ...{ id: '', no: 'DN261128000001', orderNo: 'SO261128000001', tid: '2948105733100000001', shopId: '' },
  ...{
    courier: 'YTO',
    waybillNo: 'YT8800000000001',
    warehouse: '',
    basket: 'W-0931 · 07',
    receiverMasked: '欧阳** 159****0386',
  },
  ...{
    region: '广东省 深圳市 南山区',
    orderedAt: '2026-11-28T02:00:00.000Z',
    buyerMessage: '',
    sellerMemo: '',
  },
  ...{
    paymentFen: 29_700,
    own: true,
    isPresent: false,
    pending: true,
    pieces: 3,
    goods: madeUpGoods,
    picks: madeUpGoods,
  },
}
