import { get } from '../api.ts'

export const choiceRulesQuery = {
  queryKey: ['/choice-rules'],
  queryFn: () => get('/choice-rules'),
}

/** Every warehouse, also those outside the user's scope: orders have no scope by warehouse. */
export const orderWarehousesQuery = {
  queryKey: ['/choice-rules', 'warehouses'],
  queryFn: async () => ({ rows: (await get('/choice-rules')).warehouses }),
  staleTime: 60_000,
}
