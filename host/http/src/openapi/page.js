"use strict";

const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};

const classed = (name, element) => {
  element.className = name;
  return element;
};

const resolve = (api, schema) =>
  schema.$ref ? resolve(api, api.components.schemas[schema.$ref.split("/").pop()]) : schema;

const kindOf = (schema) => {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.type === "array") return "list of " + kindOf(schema.items);
  const kind = [].concat(schema.type).join(" or ");
  return schema.format ? kind + " (" + schema.format + ")" : kind;
};

const table = (heads, rows) => {
  const body = rows.map((cells) => make("tr", "", ...cells.map((cell) => make("td", cell))));
  return make("table", "", make("tr", "", ...heads.map((head) => make("th", head))), ...body);
};

const fields = (api, schema) => {
  if (schema.type === "array") return fields(api, schema.items);
  const object = resolve(api, schema);
  const required = object.required || [];
  const rows = Object.entries(object.properties || {}).map(([name, field]) => [
    name,
    kindOf(field),
    required.includes(name) ? "required" : "",
    field.description || "",
  ]);
  return rows.length ? [table(["field", "what", "", ""], rows)] : [];
};

const answer = (api, status, response) => {
  const content = Object.entries(response.content || {});
  const parts = [make("h4", status + " " + response.description)];
  for (const [type, { schema }] of content) {
    parts.push(make("p", type + ": " + kindOf(schema)));
    if (Number(status) < 400) parts.push(...fields(api, schema));
  }
  return parts;
};

const route = (api, path, method, operation) => {
  const summary = make("summary", "");
  summary.append(
    classed("method", make("span", method.toUpperCase())),
    make("code", path),
    classed("note", make("span", operation.summary)),
  );
  const parts = [summary];
  if (operation.security.length) parts.push(make("p", "For signed-in callers."));
  if (operation.parameters.length) {
    const row = (one) => [one.name, one.in, one.required ? "required" : "", one.description || ""];
    parts.push(make("h4", "Parameters"), table(["name", "in", "", ""], operation.parameters.map(row)));
  }
  if (operation.requestBody) {
    const { schema } = operation.requestBody.content["application/json"];
    parts.push(make("h4", "Body (JSON)"), ...fields(api, schema));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    parts.push(...answer(api, status, response));
  }
  return make("details", "", ...parts);
};

const show = (api) => {
  document.getElementById("about").textContent = api.info.description + " Version " + api.info.version + ".";
  const sections = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      if (!sections.has(tag)) sections.set(tag, make("section", "", make("h2", tag)));
      sections.get(tag).append(route(api, path, method, operation));
    }
  }
  document.getElementById("routes").append(...sections.values());
};

fetch("openapi.json")
  .then((response) => response.json())
  .then(show)
  .catch((error) => {
    document.getElementById("routes").textContent = "openapi.json can't be read: " + error;
  });
