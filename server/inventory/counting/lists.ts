import { sql } from 'kysely'
import { skusContaining } from '../../catalog/relations.ts'
import { defineList } from '../../core/lists/define.ts'
import { split } from '../../core/lists/define-query.ts'
import { taskRow } from './contract.ts'
import { countRows, waitsForSecond } from './count-queries.ts'
import { countTaskList } from './lists-contract.ts'

export const countTasks = defineList(countTaskList, {
  tag: 'stock',
  table: {
    name: 'count_task',
    group: { column: 'status' },
    sorts: { id: { value: sql`t.id`, cast: 'int8' } },
  },
  scope: { warehouse: 'warehouse_id' },
  row: taskRow,
  rows: countRows,
  where: {
    q: (text) => sql`(t.no ilike ${text.replace(/[\\%_]/g, '\\$&')} || '%' or t.id in (
      select l.task_id from count_line l where l.sku_id in ${skusContaining(text)}))`,
    warehouse: (asked) => sql`t.warehouse_id = any(${split(asked)}::bigint[])`,
    second: () => waitsForSecond,
    differs: () => sql`t.document_id is not null`,
  },
})
