/** Search fields that may contain a buyer's name or phone, with the headers that carry them. A URL would be kept in logs and histories. */
export const searchHeaders = { q: 'x-search', buyer: 'x-buyer' } as const
