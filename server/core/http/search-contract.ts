/** Filters that may hold a buyer's name or phone, and the headers that carry them, since addresses are kept in logs and histories. */
export const searchHeaders = { q: 'x-search', buyer: 'x-buyer' } as const
