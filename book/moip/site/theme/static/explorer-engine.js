/* Every well-formed stack of the catalog, found, folded, filtered and ranked in the reader's browser.

   It does what moip/model/enumerate.py does, on the same catalog (catalog.js, made by moip/model/export.py) and in the same
   order of operations, so that every stack and every value is the same; tests/test_explorer.py compares them all.
   A Web Worker where the browser gives one, else a part of the page. */
"use strict";
(() => {
  const scope = typeof self === "undefined" ? globalThis : self;
  const IDENTITY = { minimum: Infinity, maximum: 0, sum: 0, product: 1, complement: 0, union: [] };
  const read = (value) => (value === "inf" ? Infinity : value);

  /* ---- sets of services as two 32-bit words ---- */
  const bits = (list) => {
    let low = 0, high = 0;
    for (const i of list) if (i < 32) low |= 1 << i; else high |= 1 << (i - 32);
    return [low, high];
  };

  /* Numbers of all well-formed candidates, ascending; the last slot counts fastest. */
  function find(catalog) {
    const { slots, members } = catalog;
    const side = (name) => slots.map((slot) => slot.choices.map((m) => bits(m < 0 ? [] : members[m][name])));
    const offers = side("offers"), needs = side("needs");
    const stands = slots.map((slot) => slot.choices.map((m) => m >= 0));
    const layers = catalog.layers.map((_, i) => bits(catalog.services.flatMap(([, layer], s) => (layer === i + 1 ? [s] : []))));
    const strides = slots.map((_, s) => slots.slice(s + 1).reduce((product, slot) => product * slot.choices.length, 1));
    const last = slots.length - 1;
    const rest = slots.map((_, s) => offers.slice(0, s).flat().reduce(([a, b], [c, d]) => [a | c, b | d], [0, 0]));
    const chosen = new Uint8Array(slots.length);
    let found = new Uint32Array(1 << 16), count = 0;

    const whole = (oLow, oHigh, wLow, wHigh) => {
      for (const [low, high] of layers) if (!(oLow & low || oHigh & high)) return false;
      for (let s = 0; s <= last; s++) {
        const own = offers[s][chosen[s]];
        if (stands[s][chosen[s]] && !(own[0] & wLow || own[1] & wHigh)) return false;
      }
      return true;
    };
    const descend = (slot, number, oLow, oHigh, wLow, wHigh) => {
      const [restLow, restHigh] = rest[slot];
      for (let c = 0; c < offers[slot].length; c++) {
        const own = offers[slot][c], need = needs[slot][c];
        const oL = oLow | own[0], oH = oHigh | own[1], wL = wLow | need[0], wH = wHigh | need[1];
        if (wL & ~(oL | restLow) || wH & ~(oH | restHigh)) continue;
        chosen[slot] = c;
        const next = number + c * strides[slot];
        if (slot) { descend(slot - 1, next, oL, oH, wL, wH); continue; }
        if (!whole(oL, oH, wL, wH)) continue;
        if (count === found.length) { const more = new Uint32Array(2 * count); more.set(found); found = more; }
        found[count++] = next;
      }
    };
    descend(last, 0, 0, 0, ...bits(catalog.demanded));
    return found.slice(0, count).sort();
  }

  /* Columns (slots × stacks): which choice each stack has. */
  function columns(slots, numbers) {
    let left = numbers.slice();
    const result = slots.map(() => new Uint8Array(numbers.length));
    for (let s = slots.length - 1; s >= 0; s--) {
      const size = slots[s].choices.length, column = result[s];
      for (let i = 0; i < left.length; i++) { column[i] = left[i] % size; left[i] = (left[i] / size) | 0; }
    }
    return result;
  }

  /* A property of every stack: its different values, and for each stack the number of its value. */
  function fold(catalog, p, choices) {
    const { operation, absorbing } = catalog.properties[p];
    const identity = IDENTITY[operation], absorbs = read(absorbing);
    const parts = [];
    catalog.slots.forEach((slot, s) => {
      const seen = new Map();
      const kinds = Uint16Array.from(slot.choices, (m) => {
        const value = m < 0 || !(p in catalog.members[m].values) ? identity : read(catalog.members[m].values[p][0]);
        const key = JSON.stringify(value === Infinity ? "inf" : value);
        if (!seen.has(key)) seen.set(key, value);
        return [...seen.keys()].indexOf(key);
      });
      const values = [...seen.values()];
      if (values.length > 1 || values[0] !== identity) parts.push({ column: choices[s], kinds, values });
    });
    const combine = (picked) => {
      let total = operation === "complement" ? 1 : operation === "union" ? new Set() : identity, unknown = false;
      for (const value of picked) {
        if (value === null) { unknown = true; continue; }
        switch (operation) {
          case "minimum": total = Math.min(total, value); break;
          case "maximum": total = Math.max(total, value); break;
          case "sum": total += value; break;
          case "product": total *= value; break;
          case "complement": total *= 1 - value; break;
          case "union": for (const kind of value) total.add(kind);
        }
      }
      if (operation === "complement") total = 1 - total;
      if (unknown && !(absorbs !== null && total === absorbs)) return null;
      return operation === "union" ? [...total].sort((a, b) => a - b) : total;
    };
    /* Parts that share few combinations of values are looked up in a table, filled as it is asked. */
    const size = choices[0].length, codes = new Uint16Array(size), values = [], byValue = new Map();
    const combinations = parts.reduce((product, { values: own }) => product * own.length, 1);
    const table = combinations <= 1 << 22 ? new Int32Array(combinations).fill(-1) : null, map = table ? null : new Map();
    const indices = combinations <= 2 ** 32 ? new Uint32Array(size) : new Float64Array(size);
    for (const { column, kinds, values: own } of parts) {
      const width = own.length;
      for (let i = 0; i < size; i++) indices[i] = indices[i] * width + kinds[column[i]];
    }
    for (let i = 0; i < size; i++) {
      let code = table ? table[indices[i]] : map.get(indices[i]) ?? -1;
      if (code < 0) {
        const value = combine(parts.map(({ column, kinds, values: own }) => own[kinds[column[i]]]));
        const key = String(value);
        if (!byValue.has(key)) { byValue.set(key, values.length); values.push(value); }
        code = byValue.get(key);
        if (table) table[indices[i]] = code; else map.set(indices[i], code);
      }
      codes[i] = code;
    }
    return { values, codes };
  }

  /* The bins of a property from worse to better, unknown last; a set counts by its size. */
  function bins({ better, digits, operation }, { values, codes }) {
    const worth = (value) => (value === null ? null : operation === "union" ? value.length : digits ? Number(value.toPrecision(digits)) : value);
    const different = [...new Set(values.map(worth))];
    const known = different.filter((value) => value !== null).sort((a, b) => (better === "higher" ? a - b : b - a) || 0);
    if (different.includes(null)) known.push(null);
    const place = new Map(known.map((value, i) => [value, i]));
    const of = Uint8Array.from(values, (value) => place.get(worth(value)));
    const column = new Uint8Array(codes.length);
    for (let i = 0; i < codes.length; i++) column[i] = of[codes[i]];
    return {
      bins: known.map((value) => ({ token: value === null ? "unknown" : value === Infinity ? "inf" : String(value), value })),
      column,
    };
  }

  /* The whole set. Its dimensions are the slots and then the properties; a filter allows some bins of a dimension. */
  function stacks(catalog) {
    const numbers = find(catalog), size = numbers.length;
    const choices = columns(catalog.slots, numbers);
    const folded = catalog.properties.map((_, p) => fold(catalog, p, choices));
    const dims = catalog.slots.map((slot, s) => ({
      key: slot.key, column: choices[s],
      bins: slot.choices.map((m) => ({ token: m < 0 ? "-" : catalog.members[m].key, value: m })),
    }));
    catalog.properties.forEach((property, p) => dims.push({ key: property.key, ...bins(property, folded[p]) }));
    const place = new Map(dims.map((dim, d) => [dim.key, d]));

    const worth = folded.map(({ values }, p) => {  // rank of each value, the best first, unknown last
      const { operation, better } = catalog.properties[p];
      const number = (value) => (operation === "union" ? value.length : value);
      const known = [...new Set(values.filter((v) => v !== null).map(number))].sort((a, b) => (better === "higher" ? b - a : a - b) || 0);
      return Uint16Array.from(values, (v) => (v === null ? known.length : known.indexOf(number(v))));
    });
    const open = new Uint8Array(size), few = new Uint8Array(size);
    for (const { values, codes } of folded) {
      const unknown = values.indexOf(null);
      if (unknown >= 0) for (let i = 0; i < size; i++) if (codes[i] === unknown) open[i]++;
    }
    catalog.slots.forEach((slot, s) => { for (let i = 0; i < size; i++) if (slot.choices[choices[s][i]] >= 0) few[i]++; });

    const fails = new Uint8Array(size), which = new Uint8Array(size);
    function query({ filters = {}, by = "", per = "", from = 0, limit = 12 } = {}) {
      fails.fill(0);
      for (const [key, tokens] of Object.entries(filters)) {
        const d = place.get(key);
        if (d === undefined || !tokens.length) continue;
        const allowed = Uint8Array.from(dims[d].bins, ({ token }) => (tokens.includes(token) ? 1 : 0));
        const { column } = dims[d];
        for (let i = 0; i < size; i++) if (!allowed[column[i]]) { fails[i]++; which[i] = d; }
      }
      let total = 0, least = 255, near = 0;
      for (let i = 0; i < size; i++) {
        if (!fails[i]) total++;
        if (fails[i] < least) { least = fails[i]; near = 0; }
        if (fails[i] === least) near++;
      }
      const counts = dims.map(({ bins: all, column }, d) => {
        const count = new Uint32Array(all.length);
        for (let i = 0; i < size; i++) if (!fails[i] || (fails[i] === 1 && which[i] === d)) count[column[i]]++;
        return count;
      });
      return { total, counts, least, near, ...list({ by, per, from, limit }) };
    }
    /* Rows that pass, the best first: by a property, then by how little is unknown, then by how few the members are. */
    function list({ by, per, from, limit }) {
      const p = catalog.properties.findIndex(({ key }) => key === by);
      const group = place.has(per) ? dims[place.get(per)] : null;
      const score = (i) => ((p < 0 ? 0 : worth[p][folded[p].codes[i]]) * 64 + open[i]) * 64 + few[i];
      let rows = [], matched = 0;
      if (group) {
        const best = group.bins.map(() => null);
        for (let i = 0; i < size; i++) {
          if (fails[i]) continue;
          const own = (best[group.column[i]] ??= { row: i, score: Infinity, count: 0 }), s = score(i);
          own.count++;
          if (s < own.score) { own.row = i; own.score = s; }
        }
        rows = best.filter(Boolean).sort((a, b) => a.score - b.score || b.count - a.count);
        matched = rows.length;
      } else {
        const keys = [];
        for (let i = 0; i < size; i++) if (!fails[i]) keys.push(score(i) * size + i);
        matched = keys.length;
        rows = Array.from(Float64Array.from(keys).sort().slice(0, from + limit), (key) => ({ row: key % size, count: 1 }));
      }
      const some = rows.slice(from, from + limit);
      return {
        more: matched > from + limit,
        rows: some.map(({ row, count }) => ({ row, count, members: members(row), values: values(row) })),
      };
    }
    const members = (row) => catalog.slots.map((slot, s) => slot.choices[choices[s][row]]).filter((m) => m >= 0);
    const values = (row) => folded.map(({ values: all, codes }) => all[codes[row]]);
    return { size, candidates: catalog.slots.reduce((n, slot) => n * slot.choices.length, 1), numbers, choices, folded, dims, query };
  }

  scope.moipStacks = stacks;
  if (typeof document !== "undefined" || typeof postMessage === "undefined") return;
  let all;
  onmessage = ({ data: { id, catalog, question } }) => {
    if (catalog) {
      all = stacks(catalog);
      postMessage({ id, answer: { size: all.size, candidates: all.candidates, dims: all.dims.map(({ key, bins: own }) => ({ key, bins: own })) } });
    } else postMessage({ id, answer: all.query(question) });
  };
})();
