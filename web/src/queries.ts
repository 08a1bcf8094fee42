import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api.ts'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A request that the server refused (4xx) is not repeated; any other failure is, at most twice.
      retry: (times, error) =>
        times < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

// Developers' tools in the browser look for the query client under this name, and the tests empty it by this name.
Object.assign(globalThis, { __TANSTACK_QUERY_CLIENT__: queries })
