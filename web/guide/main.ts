// `npm run guide [-- FOLDER]` writes the guide as a site of plain files, which any web server can show. The built pages have it too, under /guide/.
import { resolve } from 'node:path'
import { writeSite } from './site.ts'

const folder = resolve(process.argv[2] ?? 'data/guide')
console.log(`${folder}: ${writeSite(folder).length} pages`)
