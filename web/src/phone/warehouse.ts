import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { browserSetting } from '../ui/base/store.ts'
import { keptQuery } from './kept-query.ts'

/** The warehouse in which this phone is used. */
const warehouseSetting = browserSetting('phone.warehouse', '')

export function useWarehouse() {
  const chosen = warehouseSetting.use()
  const all = useQuery(keptQuery(['/warehouses', 'phone'], () => get('/warehouses'))).data?.rows ?? []
  const warehouses = all.filter(({ active }) => active)
  const warehouse = warehouses.find(({ id }) => id === chosen) ?? warehouses[0]
  return { warehouses, id: warehouse?.id ?? '', name: warehouse?.name ?? '', choose: warehouseSetting.set }
}
