// Shows this service's OpenAPI document, and no other: the layout without a bar that loads any address.
window.ui = SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  queryConfigEnabled: false,
  validatorUrl: "none",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
});
