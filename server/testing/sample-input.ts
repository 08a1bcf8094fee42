/** Returns the smallest value that a schema accepts: the first of its choices, and no optional field. */
export function sampleInput(schema: unknown): unknown {
  const { const: only, enum: values, anyOf, type, ...rest } = Object(schema)
  if (only !== undefined) return only
  if (values) return values[0]
  if (anyOf) return sampleInput(anyOf[0])
  if (type === 'object') {
    const { properties, required = [] } = rest
    return Object.fromEntries(required.map((name: string) => [name, sampleInput(properties[name])]))
  }
  if (type === 'array') return rest.minItems ? [sampleInput(rest.items)] : []
  if (type === 'boolean') return true
  if (type === 'integer') return rest.minimum ?? 1
  return rest.pattern === undefined ? '试试' : '1'
}

/** Makes the smallest body that asks a verb for one row: the id is the only id, or belongs to the only row of the body. */
export function bodyFor(schema: unknown, id: string): Record<string, unknown> {
  const body = Object(sampleInput(schema))
  if ('ids' in body) return { ...body, ids: [id] }
  return Object.fromEntries(
    Object.entries<object[]>(body).map(([name, rows]) => [name, rows.map((row) => ({ ...row, id }))]),
  )
}
