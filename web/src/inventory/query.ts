import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { warehousesQuery } from '../ui/base/session.ts'
import type { Field } from '../ui/list/filters.ts'
import type { Warehouse } from './types.ts'

const none: Warehouse[] = []
export function useWarehouses(): Warehouse[] {
  return useQuery(warehousesQuery).data?.rows ?? none
}

export function useWarehouseField(): Field {
  const warehouses = useWarehouses()
  return useMemo(
    () => ({
      key: 'warehouse',
      label: ['仓库', 'Warehouse'],
      kind: 'options',
      options: warehouses.map(({ id, name }) => ({ value: id, label: [name, name] })),
    }),
    [warehouses],
  )
}
