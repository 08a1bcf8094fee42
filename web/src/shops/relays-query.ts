import { get } from '../api.ts'

export const relaysQuery = { queryKey: ['/relays'], queryFn: () => get('/relays'), staleTime: 5_000 }
