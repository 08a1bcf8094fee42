import Type, { type TSchema } from 'typebox'
import type { Connector } from '../../connectors/connector.ts'
import type { PostedKind } from '../../connectors/posted.ts'

const text = Type.String()

/** The most documents of one request. */
const mostDocuments = 200

/**
 * The list of documents. Each is judged by itself, so that a wrong one makes no other fail: the schema shows what a right one is, and takes
 * anything.
 */
export function documentsInput(connectors: readonly Connector[], kind: PostedKind): TSchema {
  const schemas = connectors.flatMap(({ posted }) => (posted?.by === 'door' ? [posted.schemas[kind]] : []))
  return Type.Array(Type.Union([...schemas, Type.Unknown()]), { minItems: 1, maxItems: mostDocuments })
}

/** One answer for each document, in the order in which they were sent. */
export const documentsAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      number: Type.String({ description: 'The number of the trade or refund; empty if it has none.' }),
      outcome: Type.Enum(['stored', 'unchanged', 'refused'], {
        description:
          'unchanged: this version, or a later one, is here already. refused: it is not kept; mend it and send it again.',
      }),
      code: Type.String({ description: 'Why it is refused; otherwise empty.' }),
      field: Type.String({ description: 'The field that is wrong, such as lines.0.quantity.' }),
      message: Type.Object({ zh: text, en: text }),
    }),
  ),
})
