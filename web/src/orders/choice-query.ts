import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get } from '../api.ts'
import type { Field } from '../ui/list/filters.ts'
import type { ChoiceRules } from './types.ts'

export const choiceRulesQuery = {
  queryKey: ['/choice-rules'],
  queryFn: () => get('/choice-rules'),
}

const none: ChoiceRules['warehouses'] = []

/** Returns every warehouse. Users who may read orders but not stock get them too. */
export function useOrderWarehouses(): ChoiceRules['warehouses'] {
  return useQuery({ ...choiceRulesQuery, staleTime: 60_000 }).data?.warehouses ?? none
}

export function useWarehouseField(): Field {
  const warehouses = useOrderWarehouses()
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
