import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { guide } from './guide/plugin.ts'

const root = fileURLToPath(new URL('./', import.meta.url))

/** Compresses the files at the build, so that the server need not compress them for an answer. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const folder = join(root, 'dist/assets')
      for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg)$/.test(file))) {
        const bytes = readFileSync(join(folder, name))
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
      }
    },
  }
}

/** Leaves the summaries of verbs and lists out, which only the API document shows. */
function withoutSummaries(): Plugin {
  return {
    name: 'without-summaries',
    apply: 'build',
    transform: (code, id) =>
      /(verbs|lists?|desk)-contract\.ts$/.test(id)
        ? code.replaceAll(/\bsummary:\s*(['"])[^'"]*\1,/g, '')
        : undefined,
  }
}

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; css?: string[]; assets?: string[] }

/** What a phone has to have offline: its pages, and the parts that they load when they are pressed. */
const ofPhone = /^src\/(phone\/(?!phones-).*\.tsx|fulfilment\/waves\/pick-page\.tsx)$/

/** Writes the worker of the phone's pages (phone-worker.js) with the list of their files. Its version changes with any of them. */
function phoneWorker(): Plugin {
  return {
    name: 'phone-worker',
    apply: 'build',
    closeBundle() {
      const manifest: Record<string, Chunk> = JSON.parse(
        readFileSync(join(root, 'dist/.vite/manifest.json'), 'utf8'),
      )
      const files = new Set<string>()
      const add = (name: string) => {
        const chunk = manifest[name]
        if (!chunk || files.has(chunk.file)) return
        for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file)
        for (const each of chunk.imports ?? []) add(each)
      }
      for (const [name, { isEntry = false }] of Object.entries(manifest))
        if (isEntry || ofPhone.test(name)) add(name)
      const list = JSON.stringify(['/phone', ...[...files].sort().map((file) => `/${file}`)])
      const template = readFileSync(join(root, 'phone-worker.js'), 'utf8')
      const version = createHash('sha256').update(list).update(template).digest('hex').slice(0, 12)
      const worker = template.replace("['/* files */']", list).replace('/* version */', version)
      writeFileSync(join(root, 'dist/phone-worker.js'), worker)
    },
  }
}

export default defineConfig({
  root,
  plugins: [withoutSummaries(), guide(), react(), compressed(), phoneWorker()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A test reads this file to measure what each page loads. It is not served.
    manifest: true,
    // Pages name what they need in the first file that is loaded. What came with that file is left out, and so is the page itself unless it
    // has to load beside its styles, for which it waits.
    modulePreload: {
      // Every browser for which the pages are built preloads by itself.
      polyfill: false,
      resolveDependencies: (page, needed) => {
        const later = needed.filter((file) => !/[\\/](vendor|ui|rolldown-runtime)-[^\\/]+\.js$/.test(file))
        return later.some((file) => file.endsWith('.css')) ? later : later.filter((file) => file !== page)
      },
    },
    rolldownOptions: {
      output: {
        // The first file names all others, so that each letter of their names counts.
        chunkFileNames: ({ name }) => `assets/${name.replace(/-page$/, '')}-[hash:7].js`,
        assetFileNames: 'assets/[name]-[hash:7][extname]',
        // Few files that are the same for every page, instead of dozens of small ones. Pickers, addresses and imports are in dialogs, rules on few pages.
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/ },
            {
              name: 'ui',
              minShareCount: 8,
              test: /web[\\/]src[\\/](ui[\\/](?!form[\\/](picker|sheet|schema|unsaved)|act[\\/]batch-words|address|rules|.*-page\.)|words|api)/,
            },
          ],
        },
      },
    },
  },
  // `vite web` beside a running server shows changes at once. The host stays ours, so that writes count as coming from our own page.
  server: {
    proxy: { '^/api/': { target: process.env['SANYI_API'] ?? 'http://127.0.0.1:3000', changeOrigin: false } },
  },
})
